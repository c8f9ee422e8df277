import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing

@testable import Gateway

/// Keys, other sites and headers, seen from outside, in process.
@Suite struct `The edge` {
    private let triton = FakeTriton()
    private let folder = KeyFolder()

    private func withGateway(
        _ edge: Edge, _ configuration: GatewayConfiguration = .init(),
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let parts = buildGateway(
            configuration, transport: triton, scoring: Fixture.scoring, logger: logger, edge: edge)
        await parts.catalog.refresh()
        try await parts.application.test(.router, body)
    }

    private func keyed() throws -> Edge {
        var edge = Edge()
        edge.keys = try folder.store()
        return edge
    }

    private func analyze(
        _ client: any TestClientProtocol, uri: String = "/v1/analyze", _ headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        var headers = headers
        headers[.contentType] = "application/json"
        let body = ByteBuffer(bytes: try replyBytes(["text": `The pipeline`.essay]))
        return try await client.execute(uri: uri, method: .post, headers: headers, body: body)
    }

    @Test func `takes a key as a bearer token or in a header of its own`() async throws {
        let key = try folder.add()
        try await withGateway(try keyed()) { client async throws in
            #expect(try await analyze(client, [.authorization: "Bearer \(key.text)"]).status == .ok)
            #expect(try await analyze(client, [.authorization: "bearer \(key.text)"]).status == .ok)
            #expect(try await analyze(client, [KeyMiddleware.apiKey: key.text]).status == .ok)
            // A proxy's own credentials do not stand in the way.
            let both: HTTPFields = [.authorization: "Basic eDp5", KeyMiddleware.apiKey: key.text]
            #expect(try await analyze(client, both).status == .ok)
        }
    }

    @Test func `answers every bad key in the same way, and lets none reach Triton`() async throws {
        let good = try folder.add()
        let expired = try folder.add { $0.expires = .now.addingTimeInterval(-1) }
        let early = try folder.add { $0.notBefore = .now.addingTimeInterval(600) }
        let revoked = try folder.add()
        try folder.remove(revoked)
        try await withGateway(try keyed()) { client async throws in
            var replies: [TestResponse] = []
            for key in [expired.text, early.text, revoked.text, APIKey.make().text, "", "x", good.sha256] {
                replies.append(try await analyze(client, [.authorization: "Bearer \(key)"]))
                replies.append(try await analyze(client, [KeyMiddleware.apiKey: key]))
            }
            replies.append(try await analyze(client))
            replies.append(try await analyze(client, [.authorization: good.text]))
            replies.append(try await analyze(client, uri: "/v1/analyze?key=\(good.text)&api_key=\(good.text)"))
            replies.append(try await analyze(client, uri: "/serve/bert_infer_demo"))
            for reply in replies {
                #expect(reply.status == .unauthorized)
                #expect(reply.headers[.wwwAuthenticate] == #"Bearer realm="essay-gateway""#)
                var text = String(buffer: reply.body)
                text = text.replacing(try #require(reply.headers[EnvelopeMiddleware.requestID]), with: "")
                #expect(
                    text == #"{"error":{"code":"unauthorized","message":"this needs a valid API key: send "#
                        + #"Authorization: Bearer KEY, or X-API-Key: KEY","request_id":""}}"#)
            }
        }
        #expect(triton.requests.isEmpty)
    }

    @Test func `refuses before it looks at the body`() async throws {
        _ = try folder.add()
        var configuration = GatewayConfiguration()
        configuration.limits.maxBodyBytes = 10
        try await withGateway(try keyed(), configuration) { client async throws in
            #expect(try await analyze(client).status == .unauthorized)
        }
    }

    @Test func `says 429 and when to come back to a key that is used up, which does not reach Triton`() async throws {
        let key = try folder.add { $0.ratePerMinute = 1 }
        try await withGateway(try keyed()) { client async throws in
            #expect(try await analyze(client, [KeyMiddleware.apiKey: key.text]).status == .ok)
            let after = triton.requests.count
            let reply = try await analyze(client, [KeyMiddleware.apiKey: key.text])
            #expect(reply.status == .tooManyRequests)
            #expect(String(buffer: reply.body).contains("rate_limited"))
            let seconds = try #require(reply.headers[.retryAfter].flatMap { Int($0) })
            #expect((1...60).contains(seconds))
            #expect(triton.requests.count == after && after > 0)
        }
    }

    @Test func `gives a place back whatever became of the request`() async throws {
        let key = try folder.add { $0.concurrency = 1 }
        try await withGateway(try keyed()) { client async throws in
            let headers: HTTPFields = [KeyMiddleware.apiKey: key.text]
            for _ in 0..<3 {
                #expect(
                    try await client.execute(uri: "/v1/analyze", method: .post, headers: headers).status
                        == .unsupportedMediaType)
                #expect(try await client.execute(uri: "/nope", method: .get, headers: headers).status == .notFound)
                #expect(try await analyze(client, headers).status == .ok)
            }
        }
    }

    @Test(arguments: [
        "/v1/models", "/v1/features", "/v1/analyze", "/nope", "/health", "/health/live/x", "/metrics", "/web",
    ])
    func `asks for a key for everything but what is open`(path: String) async throws {
        _ = try folder.add()
        try await withGateway(try keyed()) { client async throws in
            for method in [HTTPRequest.Method.get, .post, .options, .head] {
                #expect(try await client.execute(uri: path, method: method).status == .unauthorized)
            }
        }
    }

    @Test func `asks nobody for a key for the health checks`() async throws {
        _ = try folder.add()
        try await withGateway(try keyed()) { client async throws in
            #expect(try await client.execute(uri: "/health/live", method: .get).status == .ok)
            #expect(try await client.execute(uri: "/health/ready", method: .get).status == .ok)
        }
    }

    @Test func `opens the metrics only where the configuration says so`() {
        #expect(!OpenRoutes(isMetricsOpen: false).contains("/metrics"))
        #expect(OpenRoutes(isMetricsOpen: true).contains("/metrics"))
        #expect(!OpenRoutes(isMetricsOpen: true).contains(nil))
        #expect(OpenRoutes(isMetricsOpen: false).contains("/web/page.js"))
    }

    @Test func `puts the security headers on every reply, errors included`() async throws {
        for isTLS in [false, true] {
            var headers = HTTPFields()
            SecurityHeaders(isTLS: isTLS).add(to: &headers)
            #expect(headers[.strictTransportSecurity] == (isTLS ? "max-age=31536000" : nil))
        }
        let referrerPolicy = try #require(HTTPField.Name("Referrer-Policy"))
        try await withGateway(Edge()) { client async throws in
            for path in ["/health/live", "/nope", "/v1/analyze"] {
                let headers = try await client.execute(uri: path, method: .get).headers
                #expect(headers[.cacheControl] == "no-store")
                #expect(headers[.xContentTypeOptions] == "nosniff")
                #expect(headers[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
                #expect(headers[referrerPolicy] == "no-referrer")
                #expect(headers[.strictTransportSecurity] == nil)
                #expect(headers[.accessControlAllowOrigin] == nil)
                #expect(headers[.vary] == nil)
            }
        }
    }

    @Test func `keeps the headers that a route has set itself`() {
        var headers: HTTPFields = [.cacheControl: "no-cache", .contentSecurityPolicy: "default-src 'self'"]
        SecurityHeaders().add(to: &headers)
        #expect(headers[.cacheControl] == "no-cache")
        #expect(headers[.contentSecurityPolicy] == "default-src 'self'")
    }

    private static let preflight: HTTPFields = [
        .origin: "https://a.example", .accessControlRequestMethod: "POST",
        .accessControlRequestHeaders: "authorization,content-type",
    ]

    @Test func `tells a listed site's page that it may call, before any key`() async throws {
        _ = try folder.add()
        var edge = try keyed()
        edge.crossOrigin = try CrossOrigin(list: "https://a.example, http://localhost:3000")
        try await withGateway(edge) { client async throws in
            let reply = try await client.execute(uri: "/v1/analyze", method: .options, headers: Self.preflight)
            #expect(reply.status == .noContent)
            #expect(reply.headers[.accessControlAllowOrigin] == "https://a.example")
            #expect(reply.headers[.accessControlAllowHeaders]?.contains("Authorization") == true)
            #expect(reply.headers[.accessControlAllowMethods] == "GET, POST")
            #expect(reply.headers[.accessControlAllowCredentials] == nil)
            #expect(reply.headers[.vary] == "Origin")
            // An error can be read by the page, too, or nobody learns what is wrong.
            let error = try await analyze(client, [.origin: "http://localhost:3000"])
            #expect(error.status == .unauthorized)
            #expect(error.headers[.accessControlAllowOrigin] == "http://localhost:3000")
        }
    }

    @Test(arguments: [
        "https://b.example", "https://a.example.b.example", "https://a.example:443", "http://a.example", "null", "*",
    ])
    func `tells no other site anything`(origin: String) async throws {
        var edge = Edge()
        edge.crossOrigin = try CrossOrigin(list: "https://a.example")
        try await withGateway(edge) { client async throws in
            var headers = Self.preflight
            headers[.origin] = origin
            let reply = try await client.execute(uri: "/v1/analyze", method: .options, headers: headers)
            #expect(reply.status == .methodNotAllowed)
            #expect(reply.headers[.accessControlAllowOrigin] == nil)
            #expect(reply.headers[.vary] == "Origin")
        }
    }

    @Test(arguments: [
        "*", "null", "a.example", "https://", "https://a.example/", "https://A.example", "ftp://a.example",
        "https://*.a.example",
    ])
    func `takes nothing for an origin that is none`(list: String) {
        let error = #expect(throws: GatewayConfiguration.Invalid.self) { try CrossOrigin(list: list) }
        #expect(error?.key == "cors.origins")
    }

    private static func edge(_ change: (inout GatewayConfiguration) -> Void) throws -> Edge {
        var configuration = GatewayConfiguration()
        change(&configuration)
        return try Edge(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test(arguments: ["127.0.0.1", "127.8.9.10", "localhost", "::1"])
    func `is open without keys on loopback`(host: String) throws {
        #expect(try Self.edge { $0.host = host }.keys == nil)
    }

    @Test(arguments: ["0.0.0.0", "::", "", "192.168.1.2", "127.0.0.1.example.org", "gateway", "1127.0.0.1", "127.0.0"])
    func `refuses to be open anywhere else, and says what to do`(host: String) throws {
        let error = #expect(throws: GatewayConfiguration.Invalid.self) { try Self.edge { $0.host = host } }
        #expect(error?.key == "auth.keys_file")
        #expect(error?.problem.contains("gateway keys create") == true)
        _ = try folder.add()
        let edge = try Self.edge {
            $0.host = host
            $0.keysFile = folder.path
        }
        #expect(edge.keys != nil)
    }

    @Test func `names the file that it cannot use`() throws {
        let missing = #expect(throws: GatewayConfiguration.Invalid.self) { try Self.edge { $0.keysFile = "/nowhere" } }
        #expect(missing?.key == "auth.keys_file")
        let half = #expect(throws: GatewayConfiguration.Invalid.self) { try Self.edge { $0.tlsCertificate = "/x" } }
        #expect(half?.key == "tls.key")
        let other = #expect(throws: GatewayConfiguration.Invalid.self) { try Self.edge { $0.tlsKey = "/x" } }
        #expect(other?.key == "tls.certificate")
        let both = #expect(throws: GatewayConfiguration.Invalid.self) {
            try Self.edge {
                $0.tlsCertificate = "/nowhere"
                $0.tlsKey = "/nowhere"
            }
        }
        #expect(both?.key == "tls.certificate")
    }
}
