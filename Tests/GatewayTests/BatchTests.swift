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

@Suite struct `A batch` {
    private let triton = FakeTriton()

    private static func request(_ json: String, maxTexts: Int = 4) throws -> BatchRequest {
        try BatchRequest(Array(json.utf8), maxTexts: maxTexts)
    }

    private static func code(_ json: String) -> GatewayError.Code? {
        do {
            _ = try BatchRequest(Array(json.utf8), maxTexts: 4)
            return nil
        } catch {
            return error.code
        }
    }

    // MARK: Reading

    @Test func `holds strings, and objects with an id`() throws {
        let batch = try Self.request(#"{"texts": ["a\u00e9", {"id": "x", "text": "b"}, {"text": "c"}]}"#)
        #expect(batch.detail == .summary)
        #expect(
            batch.items == [
                .init(id: nil, text: .success("aé")), .init(id: "x", text: .success("b")),
                .init(id: nil, text: .success("c")),
            ])
        #expect(try Self.request(#"{"detail": "full", "texts": [" "]}"#).detail == .full)
    }

    @Test(arguments: [
        (#"{"texts": [4]}"#, GatewayError.Code.invalidText), (#"{"texts": [null]}"#, .invalidText),
        (#"{"texts": [["a"]]}"#, .invalidText), (#"{"texts": [{"id": "x"}]}"#, .missingText),
        (#"{"texts": [{"text": 4}]}"#, .invalidText), (#"{"texts": [{"text": "a", "txt": "b"}]}"#, .unknownField),
    ])
    func `keeps what is wrong with one text in its place`(json: String, code: GatewayError.Code) throws {
        let items = try Self.request(json).items
        #expect(items.count == 1)
        guard case .failure(let error) = items[0].text else {
            Issue.record("no failure")
            return
        }
        #expect(error.code == code)
    }

    @Test(
        arguments: [
            ("{}", .invalidBatch), (#"{"texts": "a"}"#, .invalidBatch), (#"{"texts": {"text": "a"}}"#, .invalidBatch),
            (#"{"texts": []}"#, .invalidBatch), (#"{"texts": ["a","b","c","d","e"]}"#, .invalidBatch),
            (#"{"texts": ["a"], "detail": "long"}"#, .invalidBatch), (#"{"texts": ["a"], "detail": 1}"#, .invalidBatch),
            (#"{"texts": [{"id": 7, "text": "a"}]}"#, .invalidBatch),
            (#"{"texts": ["a"], "text": "a"}"#, .unknownField),
            (#"{"texts": ["a"], "texts": ["b"]}"#, .malformedJSON), (#"{"texts": ["a",]}"#, .malformedJSON),
            (#"{"texts": ["a"#, .malformedJSON), (#"["a"]"#, .malformedJSON), ("", .malformedJSON),
            (#"{"texts": [{"text": "a", "text": "b"}]}"#, .malformedJSON),
            (#"{"texts": ["\u0000"]}"#, .malformedJSON),
        ] as [(String, GatewayError.Code)])
    func `is refused as a whole where it is wrong as a whole`(json: String, code: GatewayError.Code) {
        #expect(Self.code(json) == code)
    }

    @Test func `takes ids of at most 256 bytes`() {
        func json(_ count: Int) -> String {
            "{\"texts\": [{\"id\": \"\(String(repeating: "i", count: count))\", \"text\": \"a\"}]}"
        }
        #expect(Self.code(json(256)) == nil)
        #expect(Self.code(json(257)) == .invalidBatch)
    }

    // MARK: Answering

    private func post(
        _ texts: String, _ configuration: GatewayConfiguration = .init(), detail: String = "summary"
    ) async throws -> (status: HTTPResponse.Status, json: [String: Any], size: Int) {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let parts = buildGateway(configuration, transport: triton, scoring: Fixture.scoring, logger: logger)
        await parts.rollout.refresh()
        let response = try await parts.application.test(.router) { client in
            try await client.execute(
                uri: "/v1/analyze/batch", method: .post, headers: [.contentType: "application/json"],
                body: ByteBuffer(string: "{\"texts\": \(texts), \"detail\": \"\(detail)\"}"))
        }
        let json = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        return (response.status, try #require(json as? [String: Any]), response.body.readableBytes)
    }

    private static let essay = "\"\(`The pipeline`.essay)\""

    @Test func `is answered in order, each text with a result or an error of its own`() async throws {
        let answer = try await post("[\(Self.essay), \"\", {\"id\": \"third\", \"text\": \(Self.essay)}, 4]")
        #expect(answer.status == .ok)
        #expect(answer.json["analyzed"] as? Int == 2)
        #expect(answer.json["failed"] as? Int == 2)
        let results = try #require(answer.json["results"] as? [[String: Any]])
        #expect(results.compactMap { $0["index"] as? Int } == [0, 1, 2, 3])
        #expect(results.map { $0["id"] as? String } == [nil, nil, "third", nil])
        #expect(
            results.map { ($0["error"] as? [String: Any])?["code"] as? String } == [
                nil, "empty_text", nil, "invalid_text",
            ])
        let summary = try #require(results[2]["summary"] as? [String: Any])
        #expect(summary["verdict"] as? String == "uncertain" || summary["verdict"] as? String == "ai")
        #expect((summary["models"] as? [Any])?.count == 4)
        #expect(summary["features"] == nil)
    }

    @Test func `gives all of the single route's answer where that is asked for`() async throws {
        let answer = try await post("[\(Self.essay)]", detail: "full")
        let results = try #require(answer.json["results"] as? [[String: Any]])
        let analysis = try #require(results[0]["analysis"] as? [String: Any])
        #expect((analysis["features"] as? [String: Any])?.count == FeatureSchema.current.count)
        #expect(analysis["request_id"] as? String == (answer.json["request_id"] as? String).map { "\($0).0" })
    }

    @Test func `of the largest size stays within what a GPT's action reads`() async throws {
        triton.unload(.bertClassifier)
        let texts = Array(repeating: Self.essay, count: 64).joined(separator: ",")
        let answer = try await post("[\(texts)]")
        #expect(answer.json["analyzed"] as? Int == 64)
        #expect(answer.size < 100_000)
    }

    @Test func `is 413 beyond its own limit of bytes, which is not that of one text`() async throws {
        var configuration = GatewayConfiguration()
        configuration.limits.maxBodyBytes = 10
        configuration.limits.maxBatchBytes = 5000
        #expect(try await post("[\(Self.essay)]", configuration).status == .ok)
        configuration.limits.maxBatchBytes = 500
        #expect(try await post("[\(Self.essay)]", configuration).status == .contentTooLarge)
    }

    @Test func `is 503 as a whole while no verdict is possible`() async throws {
        triton.setReachable(false)
        #expect(try await post("[\(Self.essay)]").status == .serviceUnavailable)
    }

    @Test func `answers what was analysed in time, and says of the rest that it was not`() async throws {
        triton.fault { request throws(TritonError) in
            // The second text never gets an answer.
            guard request.id.hasSuffix(".1") else { return nil }
            do { try await Task.sleep(for: .seconds(60)) } catch { throw .cancelled }
            return nil
        }
        var configuration = GatewayConfiguration()
        configuration.limits.batchDeadline = .seconds(2)
        configuration.limits.maxBatchInFlight = 2
        let answer = try await post("[\(Self.essay), \(Self.essay), \(Self.essay)]", configuration)
        #expect(answer.status == .ok)
        let results = try #require(answer.json["results"] as? [[String: Any]])
        #expect(
            results.map { ($0["error"] as? [String: Any])?["code"] as? String } == [nil, "deadline_exceeded", nil])
    }
}
