import Features
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing
import TritonClient

@testable import Gateway

/// The routes in process, without a socket.
@Suite struct `The routes` {
    private let triton = FakeTriton()

    private func withGateway(
        _ configuration: GatewayConfiguration = .init(),
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let parts = buildGateway(configuration, transport: triton, scoring: Fixture.scoring, logger: logger)
        await parts.catalog.refresh()
        try await parts.application.test(.router, body)
    }

    private func object(_ response: TestResponse) throws -> [String: Any] {
        let json = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        return try #require(json as? [String: Any])
    }

    private func code(_ response: TestResponse) throws -> String? {
        (try object(response)["error"] as? [String: Any])?["code"] as? String
    }

    private static let json: HTTPFields = [.contentType: "application/json"]

    private static func body(_ text: String) throws -> ByteBuffer {
        ByteBuffer(bytes: try replyBytes(["text": text]))
    }

    @Test func `an essay in, a verdict out`() async throws {
        try await withGateway { client in
            let response = try await client.execute(
                uri: "/v1/analyze", method: .post, headers: Self.json, body: try Self.body(`The pipeline`.essay))
            #expect(response.status == .ok)
            let reply = try object(response)
            #expect(["human", "ai", "uncertain"].contains(reply["verdict"] as? String))
            let fields = [
                "verdict", "probability_ai", "models", "degraded", "passages", "features", "explanation", "hygiene",
                "timings",
                "request_id",
            ]
            for field in fields { #expect(reply[field] != nil, "\(field) is missing") }
            let model = try #require((reply["models"] as? [[String: Any]])?.first)
            #expect(
                Set(model.keys).isSuperset(of: ["name", "version", "logit", "probability_ai", "milliseconds", "weight"])
            )
            #expect((reply["passages_note"] as? String)?.contains("hint where to look, not proof") == true)
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(response.headers[EnvelopeMiddleware.requestID] == reply["request_id"] as? String)
        }
    }

    @Test func `the original system's clients get what they read`() async throws {
        try await withGateway { client in
            let response = try await client.execute(
                uri: "/serve/bert_infer_demo", method: .post, headers: Self.json,
                body: try Self.body(`The pipeline`.essay))
            let reply = try object(response)
            #expect(Set(reply.keys) == ["bert_predictions", "features"])
            #expect(reply["bert_predictions"] as? [Int] == [1])
            #expect((reply["features"] as? [String: Double])?["gunning_fog"] != nil)
        }
    }

    @Test(
        arguments: [
            (nil, HTTPResponse.Status.unsupportedMediaType), ("text/plain", .unsupportedMediaType),
            ("application/json; charset=utf-16", .unsupportedMediaType), ("application/json; charset=UTF-8", .ok),
            ("Application/JSON", .ok),
        ] as [(String?, HTTPResponse.Status)])
    func `only JSON in UTF-8 is read`(type: String?, status: HTTPResponse.Status) async throws {
        try await withGateway { client in
            var headers = HTTPFields()
            headers[.contentType] = type
            let response = try await client.execute(
                uri: "/v1/analyze", method: .post, headers: headers, body: try Self.body(`The pipeline`.essay))
            #expect(response.status == status)
        }
    }

    @Test func `a compressed body is refused`() async throws {
        try await withGateway { client in
            var headers = Self.json
            headers[.contentEncoding] = "gzip"
            let response = try await client.execute(
                uri: "/v1/analyze", method: .post, headers: headers, body: ByteBuffer(bytes: [0x1F, 0x8B]))
            #expect(response.status == .unsupportedMediaType)
        }
    }

    @Test func `a body over the limit is 413`() async throws {
        var configuration = GatewayConfiguration()
        configuration.limits.maxBodyBytes = 1000
        try await withGateway(configuration) { client in
            let response = try await client.execute(
                uri: "/v1/analyze", method: .post, headers: Self.json, body: ByteBuffer(repeating: 32, count: 1001))
            #expect(response.status == .contentTooLarge)
            #expect(try code(response) == "body_too_large")
        }
    }

    @Test func `errors carry the request id that the caller chose`() async throws {
        try await withGateway { client in
            var headers = Self.json
            headers[EnvelopeMiddleware.requestID] = "my-id.7"
            let response = try await client.execute(uri: "/v1/analyze", method: .post, headers: headers)
            #expect(response.status == .badRequest)
            let error = try #require(try object(response)["error"] as? [String: Any])
            #expect(error["code"] as? String == "malformed_json")
            #expect(error["request_id"] as? String == "my-id.7")
        }
    }

    @Test func `a route that does not exist is a JSON error too`() async throws {
        try await withGateway { client in
            let response = try await client.execute(uri: "/nope", method: .get)
            #expect(response.status == .notFound)
            #expect(try code(response) == "not_found")
        }
    }

    @Test func `readiness names what is wrong with each model`() async throws {
        triton.unload(.bertClassifier)
        try await withGateway { client in
            let response = try await client.execute(uri: "/health/ready", method: .get)
            #expect(response.status == .ok)
            let reply = try object(response)
            #expect(reply["status"] as? String == "degraded")
            let models = try #require(reply["models"] as? [[String: Any]])
            #expect(models.count == 5)
            let away = try #require(models.first { $0["name"] as? String == "bert_classifier" })
            #expect(away["status"] as? String == "unavailable")
            #expect((away["problem"] as? String)?.contains("not loaded") == true)
        }
    }

    @Test func `without Triton: live, not ready, and 503 with Retry-After`() async throws {
        triton.setReachable(false)
        try await withGateway { client in
            #expect(try await client.execute(uri: "/health/live", method: .get).status == .ok)
            #expect(try await client.execute(uri: "/health/ready", method: .get).status == .serviceUnavailable)
            let response = try await client.execute(
                uri: "/v1/analyze", method: .post, headers: Self.json, body: try Self.body(`The pipeline`.essay))
            #expect(response.status == .serviceUnavailable)
            #expect(try code(response) == "not_ready")
            #expect(response.headers[.retryAfter] != nil)
        }
    }

    @Test func `the models' names, shapes, schema and thresholds can be asked for`() async throws {
        try await withGateway { client in
            let reply = try object(try await client.execute(uri: "/v1/models", method: .get))
            #expect(
                (reply["models"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
                    == ModelName.allCases.map(\.rawValue))
            #expect(reply["feature_schema_hash"] as? String == Fixture.scoring.featureSchemaHash)
            #expect((reply["ensembles"] as? [Any])?.count == 15)
        }
    }

    @Test func `the features' definitions can be asked for, in the order of the schema`() async throws {
        try await withGateway { client in
            let response = try await client.execute(uri: "/v1/features", method: .get)
            #expect(response.status == .ok)
            let reply = try object(response)
            #expect(reply["schema_hash"] as? String == Fixture.scoring.featureSchemaHash)
            #expect(reply["version"] as? Int == FeatureSchema.version)
            let features = try #require(reply["features"] as? [[String: Any]])
            #expect(features.compactMap { $0["name"] as? String } == FeatureSchema.current.names)
            let first = try #require(features.first)
            #expect(Set(first.keys) == ["name", "family", "unit", "definition", "formula", "source"])
        }
    }

    @Test func `answers do not depend on anything but the text`() async throws {
        try await withGateway { client in
            func answer() async throws -> [String: Any] {
                let response = try await client.execute(
                    uri: "/v1/analyze", method: .post, headers: Self.json, body: try Self.body(`The pipeline`.essay))
                var reply = try object(response)
                reply["timings"] = nil
                reply["request_id"] = nil
                reply["models"] = nil
                return reply
            }
            let (first, second) = (try await answer(), try await answer())
            #expect(NSDictionary(dictionary: first) == NSDictionary(dictionary: second))
        }
    }
}
