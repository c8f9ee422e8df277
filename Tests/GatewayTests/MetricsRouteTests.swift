import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing
import TritonClient

@testable import Gateway

/// What requests leave behind: in `/metrics`, in `Server-Timing`, in the access log, and in calls to Triton.
@Suite struct `What can be seen of a request` {
    private let triton = FakeTriton()
    private let log = LogLines()

    private func withGateway(
        _ configuration: GatewayConfiguration = .init(),
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let parts = buildGateway(configuration, transport: triton, scoring: Fixture.scoring, logger: log.logger)
        await parts.catalog.refresh()
        try await parts.application.test(.router, body)
    }

    @discardableResult
    private func analyze(
        _ client: any TestClientProtocol, _ headers: HTTPFields = [:], text: String = `The pipeline`.essay
    ) async throws -> TestResponse {
        var headers = headers
        headers[.contentType] = "application/json"
        return try await client.execute(
            uri: "/v1/analyze", method: .post, headers: headers, body: ByteBuffer(bytes: try replyBytes(["text": text]))
        )
    }

    private func metrics(_ client: any TestClientProtocol) async throws -> Set<String> {
        let response = try await client.execute(uri: "/metrics", method: .get)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        return Set(String(buffer: response.body).split(separator: "\n").map(String.init))
    }

    private static func missing(_ lines: [String], in found: Set<String>) -> [String] {
        lines.filter { !found.contains($0) }
    }

    @Test func `an answer is counted by route, verdict, model and version, with its sizes`() async throws {
        try await withGateway { client in
            try await analyze(client)
            let found = try await metrics(client)
            let expected = [
                #"gateway_http_requests_total{route="/v1/analyze",status="200",code="ok"} 1"#,
                #"gateway_http_request_duration_seconds_count{route="/v1/analyze"} 1"#,
                #"gateway_stage_duration_seconds_count{stage="clean"} 1"#,
                #"gateway_stage_duration_seconds_count{stage="second_wave"} 1"#,
                #"gateway_model_calls_total{model="ebm",version="1",outcome="ok"} 1"#,
                #"gateway_model_call_duration_seconds_count{model="bert_bilstm",version="1"} 1"#,
                #"gateway_model_ready{model="ebm"} 1"#, "gateway_degraded_answers_total 0", "gateway_ready 1",
                "gateway_probability_ai_count 1", "gateway_feature_words_count 1", "gateway_words_total 108",
                "gateway_feature_type_token_ratio_count 1", "gateway_analyses_in_flight 0", "gateway_analyses_limit 32",
                #"gateway_missing_models_total{model="bert_bilstm"} 0"#,
            ]
            #expect(Self.missing(expected, in: found) == [])
            let verdicts = found.filter { $0.hasPrefix("gateway_verdicts_total{") }
            #expect(verdicts.count == 3 && verdicts.count { $0.hasSuffix(" 1") } == 1)
        }
    }

    @Test func `a missing model, a failed call and an abstention are counted`() async throws {
        triton.fault { (request) throws(TritonError) in
            if request.model == "bert_classifier" { throw .server(.unavailable, message: "gone") }
            return nil
        }
        try await withGateway { client in
            try await analyze(client, text: "Too short to be judged, and that is what the answer says.")
            let found = try await metrics(client)
            let expected = [
                "gateway_degraded_answers_total 1", #"gateway_missing_models_total{model="bert_classifier"} 1"#,
                #"gateway_model_calls_total{model="bert_classifier",version="1",outcome="server_unavailable"} 1"#,
                #"gateway_abstentions_total{reason="too_short"} 1"#,
                #"gateway_abstentions_total{reason="not_english"} 0"#,
                #"gateway_verdicts_total{verdict="uncertain"} 1"#,
            ]
            #expect(Self.missing(expected, in: found) == [])
            #expect(!found.contains { $0.contains("gateway_model_call_duration") && $0.contains("bert_classifier") })
        }
    }

    @Test func `failures are counted by their code, and routes that do not exist together`() async throws {
        triton.setReachable(false)
        try await withGateway { client in
            try await analyze(client)
            for path in ["/a", "/b", "/c?d=e"] { _ = try await client.execute(uri: path, method: .get) }
            _ = try await client.execute(uri: "/v1/analyze", method: .get)
            let found = try await metrics(client)
            let expected = [
                #"gateway_http_requests_total{route="/v1/analyze",status="503",code="not_ready"} 1"#,
                #"gateway_http_requests_total{route="none",status="404",code="not_found"} 3"#,
                #"gateway_http_requests_total{route="/v1/analyze",status="405",code="method_not_allowed"} 1"#,
                "gateway_ready 0", #"gateway_model_ready{model="ebm"} 0"#,
            ]
            #expect(Self.missing(expected, in: found) == [])
        }
    }

    @Test func `an essay that finds no room is a refusal`() async throws {
        let metrics = GatewayMetrics()
        let admission = Admission(limit: 1, metrics: metrics)
        try await admission.admitted {
            #expect(throws: GatewayError.self) { try admission.refuseIfFull() }
            await #expect(throws: GatewayError.self) { try await admission.admitted {} }
        }
        let lines = String(decoding: metrics.registry.exposition, as: UTF8.self).split(separator: "\n")
        #expect(lines.contains("gateway_admission_refusals_total 2"))
        #expect(lines.contains("gateway_analyses_in_flight 0"))
    }

    @Test func `the process's own figures are there, and grow as they should`() async throws {
        try await withGateway { client in
            let found = try await metrics(client)
            func value(_ name: String) throws -> Double {
                let line = try #require(found.first { $0.hasPrefix(name + " ") }, "\(name)")
                return try #require(Double(line.dropFirst(name.count + 1)))
            }
            #expect(try value("process_cpu_seconds_total") > 0)
            #expect(try value("process_resident_memory_bytes") > 10_000_000)
            #expect(try value("process_open_fds") >= 3)
            #expect(try value("process_max_fds") >= value("process_open_fds"))
            #expect(try abs(value("process_start_time_seconds") - Date.now.timeIntervalSince1970) < 3600)
        }
    }

    @Test func `metrics can be switched off`() async throws {
        var configuration = GatewayConfiguration()
        configuration.metrics.isEnabled = false
        try await withGateway(configuration) { client in
            let response = try await client.execute(uri: "/metrics", method: .get)
            #expect(response.status == .notFound)
        }
    }

    @Test func `with a port of their own, metrics are not on the gateway's`() async throws {
        var configuration = GatewayConfiguration()
        configuration.metrics.port = 9464
        try await withGateway(configuration) { client in
            let response = try await client.execute(uri: "/metrics", method: .get)
            #expect(response.status == .notFound)
        }
    }

    @Test func `Server-Timing tells every stage and the whole, and of a failure the whole`() async throws {
        try await withGateway { client in
            let response = try await analyze(client)
            let header = try #require(response.headers[EnvelopeMiddleware.serverTiming])
            let entries = header.split(separator: ", ")
            let stages = StageTimings.Stage.allCases.map(\.rawValue) + ["total"]
            #expect(entries.compactMap { $0.split(separator: ";").first.map(String.init) } == stages)
            for entry in entries { #expect(entry.wholeMatch(of: /[a-z_]+;dur=[0-9.e-]+/) != nil, "\(entry)") }
            let failed = try await client.execute(uri: "/nope", method: .get)
            let told = try #require(failed.headers[EnvelopeMiddleware.serverTiming])
            #expect(told.wholeMatch(of: /total;dur=[0-9.e-]+/) != nil)
        }
    }

    @Test func `a trace goes on to every model and into the log; what is no trace does not`() async throws {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        try await withGateway { client in
            var headers = HTTPFields()
            headers[EnvelopeMiddleware.traceParent] = "00-\(trace)-00f067aa0ba902b7-01"
            try await analyze(client, headers)
            let sent = triton.requests.map(\.traceParent)
            #expect(sent.count == 5 && Set(sent).count == 1)
            #expect(sent.first??.hasPrefix("00-\(trace)-") == true)
            #expect(sent.first??.contains("00f067aa0ba902b7") == false)
            #expect(log.requests.last?["trace_id"] == trace)

            headers[EnvelopeMiddleware.traceParent] = "00-\(trace.uppercased())-00f067aa0ba902b7-01"
            try await analyze(client, headers)
            #expect(triton.requests.suffix(4).allSatisfy { $0.traceParent == nil })
            #expect(log.requests.last?.keys.contains("trace_id") == false)
        }
    }

    @Test func `the log tells an essay's size, and not what it was taken for`() async throws {
        try await withGateway { client in
            try await analyze(client)
            let line = try #require(log.requests.last)
            #expect(line["words"] == "108")
            #expect(line["tokens"].flatMap { Int($0) } ?? 0 > 100)
            let known = [
                "request_id", "method", "route", "status", "code", "milliseconds", "words", "tokens", "scoring_version",
                "model_versions",
            ]
            #expect(Set(line.keys) == Set(known))
        }
    }
}
