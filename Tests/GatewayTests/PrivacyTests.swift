import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing

@testable import Gateway

@Suite struct `The privacy policy` {
    private static let policy = PrivacyPolicy(operatorName: "A & B <School>", contact: "office@school.example")

    /// Runs requests against a gateway in process, with a model away; gives the metadata of its access log.
    private func accessLog(
        _ keys: KeyStore, _ requests: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws -> [[String: String]] {
        let log = LogLines()
        let triton = FakeTriton()
        triton.unload(.bertClassifier)
        var edge = Edge()
        edge.keys = keys
        let parts = buildGateway(.init(), transport: triton, scoring: Fixture.scoring, logger: log.logger, edge: edge)
        await parts.catalog.refresh()
        try await parts.application.test(.router, requests)
        return log.requests
    }

    @Test func `names every field that the access log has, and no other`() async throws {
        let folder = KeyFolder()
        let key = try folder.add()
        let log = try await accessLog(try folder.store()) { client in
            var headers: HTTPFields = [.contentType: "application/json", .authorization: "Bearer \(key.text)"]
            headers[try #require(HTTPField.Name("traceparent"))] =
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let essay = ByteBuffer(bytes: try replyBytes(["text": `The pipeline`.essay]))
            _ = try await client.execute(uri: "/v1/analyze", method: .post, headers: headers, body: essay)
            _ = try await client.execute(uri: "/v1/analyze", method: .post, headers: headers)
            _ = try await client.execute(uri: "/nowhere", method: .get)
        }
        #expect(log.count == 3)
        let named = PrivacyPolicy.logged.map(\.field)
        #expect(Set(log.flatMap(\.keys)) == Set(named), "PrivacyPolicy.logged and the access log differ")
        for field in named { #expect(Self.policy.text.contains("- \(field): ")) }
    }

    @Test func `is a page, and plain text where that is asked for`() async throws {
        var configuration = GatewayConfiguration()
        configuration.operatorName = Self.policy.operatorName
        configuration.operatorContact = Self.policy.contact
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let parts = buildGateway(configuration, transport: FakeTriton(), scoring: Fixture.scoring, logger: logger)
        try await parts.application.test(.router) { client in
            let page = try await client.execute(uri: "/privacy", method: .get, headers: [.accept: "text/html,*/*"])
            #expect(page.status == .ok)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            let html = String(buffer: page.body)
            #expect(html.contains("The operator: A &amp; B &lt;School&gt;. Contact: office@school.example."))
            #expect(!html.contains("<School>"))
            let text = try await client.execute(uri: "/privacy", method: .get, headers: [.accept: "text/plain"])
            #expect(text.headers[.contentType] == "text/plain; charset=utf-8")
            #expect(String(buffer: text.body) == Self.policy.text)
        }
    }

    @Test func `says so where the operator has not been named`() {
        #expect(PrivacyPolicy().text.contains("The operator: whoever runs this server"))
    }
}
