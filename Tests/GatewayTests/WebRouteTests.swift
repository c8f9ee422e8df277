import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

@testable import Gateway

/// The web page's files, in process. What they do in a browser is in Tests/EndToEnd/test_web_page.py.
@Suite struct `The web page's files` {
    private func withGateway(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let parts = buildGateway(.init(), transport: FakeTriton(), scoring: Fixture.scoring, logger: logger)
        try await parts.application.test(.router, body)
    }

    private func get(_ client: any TestClientProtocol, _ path: String, ifNoneMatch: String? = nil) async throws
        -> TestResponse
    {
        var headers = HTTPFields()
        headers[.ifNoneMatch] = ifNoneMatch
        return try await client.execute(uri: path, method: .get, headers: headers)
    }

    @Test(
        arguments: [
            ("/", "text/html; charset=utf-8", "index.html"),
            ("/web/app.js", "text/javascript; charset=utf-8", "app.js"),
            ("/web/style.css", "text/css; charset=utf-8", "style.css"), ("/web/icon.svg", "image/svg+xml", "icon.svg"),
        ])
    func `are the files of the source tree, with their types`(path: String, type: String, name: String) async throws {
        let source = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Gateway/Web/Page/\(name)")
        let expected = try Data(contentsOf: source)
        try await withGateway { client in
            let response = try await get(client, path)
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == type)
            #expect(Data(response.body.readableBytesView) == expected)
        }
    }

    @Test func `may be kept if they are asked for again, and load nothing from elsewhere`() async throws {
        try await withGateway { client in
            let response = try await get(client, "/")
            #expect(response.headers[.cacheControl] == "no-cache")
            let policy = try #require(response.headers[.contentSecurityPolicy])
            let directives = policy.split(separator: ";").map { $0.drop { $0 == " " } }
            #expect(directives.contains("default-src 'none'"))
            #expect(directives.contains("frame-ancestors 'none'"))
            // Nothing inline, and no other origin.
            let sources = directives.flatMap { $0.split(separator: " ").dropFirst() }
            #expect(sources.allSatisfy { ["'self'", "'none'"].contains($0) })
        }
    }

    @Test func `cost 304 where the browser has them`() async throws {
        try await withGateway { client in
            let tag = try #require(try await get(client, "/web/app.js").headers[.eTag])
            for known in [tag, "W/\(tag)", "\"other\", \(tag)", "\"other\",W/\(tag) , \"third\"", "*"] {
                let response = try await get(client, "/web/app.js", ifNoneMatch: known)
                #expect(response.status == .notModified, "\(known)")
                #expect(response.headers[.eTag] == tag)
                #expect(response.body.readableBytes == 0)
            }
            for unknown in ["", "\"other\"", "W/", String(tag.dropLast(2)), "W/W/\(tag)"] {
                let response = try await get(client, "/web/app.js", ifNoneMatch: unknown)
                #expect(response.status == .ok, "\(unknown)")
            }
        }
    }

    @Test func `have tags of their own`() {
        #expect(Set(WebFile.all.map(\.entityTag)).count == WebFile.all.count)
    }

    @Test func `take GET and HEAD only`() async throws {
        try await withGateway { client in
            let statuses = [
                try await client.execute(uri: "/", method: .head).status,
                try await client.execute(uri: "/", method: .post).status,
                try await client.execute(uri: "/web/nothing.js", method: .get).status,
            ]
            #expect(statuses == [.ok, .methodNotAllowed, .notFound])
        }
    }
}
