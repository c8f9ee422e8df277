import Features
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization
import Testing
import TritonClient

@testable import Gateway

/// The Model Context Protocol, message by message, in process.
@Suite struct `The Model Context Protocol` {
    private let triton = FakeTriton()
    private static let meta = """
        "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28", \
        "io.modelcontextprotocol/clientCapabilities": {}}
        """

    private struct Answer {
        var status: HTTPResponse.Status
        var headers: HTTPFields
        var json: [String: Any]

        var result: [String: Any]? { json["result"] as? [String: Any] }
        var error: [String: Any]? { json["error"] as? [String: Any] }
        var errorCode: Int? { error?["code"] as? Int }
        var text: String? { (result?["content"] as? [[String: Any]])?.first?["text"] as? String }
        var structured: [String: Any]? { result?["structuredContent"] as? [String: Any] }
    }

    private func post(_ body: String, _ headers: [String: String] = [:]) async throws -> Answer {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let parts = buildGateway(.init(), transport: triton, scoring: Fixture.scoring, logger: logger)
        await parts.catalog.refresh()
        var fields: HTTPFields = [.contentType: "application/json"]
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        return try await parts.application.test(.router) { [fields] client in
            let response = try await client.execute(
                uri: "/mcp", method: .post, headers: fields, body: ByteBuffer(string: body))
            let bytes = Data(response.body.readableBytesView)
            let json = bytes.isEmpty ? [:] : try JSONSerialization.jsonObject(with: bytes)
            return Answer(
                status: response.status, headers: response.headers, json: try #require(json as? [String: Any]))
        }
    }

    private func call(_ tool: String, _ arguments: String, id: String = "1") async throws -> Answer {
        try await post(
            #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
        )
    }

    private static func quoted(_ text: String) throws -> String {
        String(decoding: try replyBytes(["text": text]), as: UTF8.self)
    }

    // MARK: - The handshake

    @Test(arguments: [
        ("2025-03-26", "2025-03-26"), ("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"),
        ("2024-11-05", "2025-11-25"), ("2026-07-28", "2025-11-25"), ("1.0", "2025-11-25"),
    ])
    func `a handshake settles on a revision that both sides speak`(wanted: String, given: String) async throws {
        let answer = try await post(
            """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"\(wanted)",
            "capabilities":{"roots":{"listChanged":true}},"clientInfo":{"name":"test","version":"1"}}}
            """)
        #expect(answer.status == .ok)
        #expect(answer.result?["protocolVersion"] as? String == given)
        #expect((answer.result?["capabilities"] as? [String: Any])?.keys.sorted() == ["tools"])
        let identity = answer.result?["serverInfo"] as? [String: String]
        #expect(identity?["name"] == "essay-gateway")
        #expect(identity?["version"] == Fixture.scoring.version)
        #expect((answer.result?["instructions"] as? String)?.contains("never accuse") == true)
        #expect(answer.headers[try #require(HTTPField.Name("Mcp-Session-Id"))] == nil)
    }

    @Test func `notifications are taken and not answered`() async throws {
        for method in ["notifications/initialized", "notifications/cancelled", "notifications/anything"] {
            let answer = try await post(#"{"jsonrpc":"2.0","method":"\#(method)"}"#)
            #expect(answer.status == .accepted)
            #expect(answer.json.isEmpty)
        }
        let unknown = try await post(
            #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, ["MCP-Protocol-Version": "1900-01-01"])
        #expect(unknown.status == .badRequest)
    }

    @Test func `a ping is answered, with the id as it was given`() async throws {
        let number = try await post(#"{"jsonrpc":"2.0","id":-9007199254740991,"method":"ping"}"#)
        #expect(number.json["id"] as? Int == -9_007_199_254_740_991)
        #expect(number.result?.isEmpty == true)
        let string = try await post(#"{"jsonrpc":"2.0","id":"a\"é","method":"ping","params":{}}"#)
        #expect(string.json["id"] as? String == "a\"é")
    }

    @Test(arguments: ["9007199254740992", "-9007199254740992", "1.5", "true"])
    func `an id that could not be repeated exactly is refused`(id: String) async throws {
        let answer = try await post(#"{"jsonrpc":"2.0","id":\#(id),"method":"ping"}"#)
        #expect(answer.status == .badRequest)
        #expect(answer.json["id"] is NSNull)
    }

    // MARK: - Without a handshake

    private func modern(
        _ method: String, _ parameters: String = "", name: String? = nil, version: String = "2026-07-28"
    ) async throws -> Answer {
        var headers = ["MCP-Protocol-Version": version, "Mcp-Method": method]
        headers["Mcp-Name"] = name
        return try await post(
            #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{\#(Self.meta)\#(parameters)}}"#, headers)
    }

    @Test func `a client without a handshake discovers what is spoken`() async throws {
        let answer = try await modern("server/discover")
        #expect(answer.status == .ok)
        #expect((answer.result?["supportedVersions"] as? [String])?.first == "2026-07-28")
        #expect(answer.result?["resultType"] as? String == "complete")
        #expect(answer.result?["ttlMs"] as? Int == 300_000)
        let meta = answer.result?["_meta"] as? [String: [String: String]]
        #expect(meta?["io.modelcontextprotocol/serverInfo"]?["name"] == "essay-gateway")
    }

    @Test func `a call without a handshake is answered like one with`() async throws {
        let arguments = #","name":"list_models","arguments":{}"#
        let answer = try await modern("tools/call", arguments, name: "list_models")
        #expect(answer.result?["resultType"] as? String == "complete")
        let plain = try await call("list_models", "{}")
        #expect(plain.result?["resultType"] == nil)
        #expect(answer.text == plain.text)
    }

    @Test func `headers that say other things than the body are refused`() async throws {
        let body = #"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{\#(Self.meta)}}"#
        let version = "MCP-Protocol-Version"
        let cases: [([String: String], Int)] = [
            ([version: "2026-07-28"], -32020), ([version: "2026-07-28", "Mcp-Method": "tools/call"], -32020),
            (["Mcp-Method": "tools/list"], -32020), ([version: "1900-01-01", "Mcp-Method": "tools/list"], -32022),
        ]
        for (headers, code) in cases {
            let answer = try await post(body, headers)
            #expect(answer.status == .badRequest)
            #expect(answer.errorCode == code)
            #expect(answer.json["id"] as? Int == 1)
        }
        let named = try await modern("tools/call", #","name":"list_models""#, name: "analyze_essay")
        #expect(named.errorCode == -32020)
        let bare = try await post(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
            ["MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"])
        #expect(bare.errorCode == -32602)
    }

    @Test func `an unknown revision is told which ones there are`() async throws {
        let answer = try await post(
            #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, ["MCP-Protocol-Version": "1900-01-01"])
        #expect(answer.status == .badRequest)
        let data = answer.error?["data"] as? [String: Any]
        #expect(data?["supported"] as? [String] == ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"])
        #expect(data?["requested"] as? String == "1900-01-01")
    }

    @Test func `methods of the other era are not there`() async throws {
        #expect(try await modern("initialize").status == .notFound)
        #expect(try await modern("ping").errorCode == -32601)
        let discover = try await post(#"{"jsonrpc":"2.0","id":1,"method":"server/discover"}"#)
        #expect(discover.status == .ok)
        #expect(discover.errorCode == -32601)
    }

    // MARK: - The tools

    @Test func `the tools are listed with the schemas of what they take and give`() async throws {
        let answer = try await post(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        let tools = try #require(answer.result?["tools"] as? [[String: Any]])
        #expect(tools.compactMap { $0["name"] as? String } == ["analyze_essay", "explain_feature", "list_models"])
        for tool in tools {
            #expect((tool["inputSchema"] as? [String: Any])?["type"] as? String == "object")
            #expect((tool["outputSchema"] as? [String: Any])?["type"] as? String == "object")
            #expect((tool["annotations"] as? [String: Bool])?["readOnlyHint"] == true)
        }
        let second = try await post(#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"x"}}"#)
        #expect(second.errorCode == -32602)
    }

    @Test func `an essay is analysed as by the HTTP route`() async throws {
        triton.state.withLock { $0.logits = ["bert_bilstm": 8, "bert_classifier": 8, "ngram_classifier": 8] }
        let answer = try await call("analyze_essay", try Self.quoted(`The pipeline`.essay))
        #expect(answer.status == .ok)
        #expect(answer.result?["isError"] as? Bool == false)
        let verdict = try #require(answer.structured)
        #expect(verdict["verdict"] as? String == "ai")
        #expect((verdict["models"] as? [Any])?.count == 4)
        #expect(verdict["features"] == nil)
        let text = try #require(answer.text)
        #expect(text.hasPrefix("Verdict: ai."))
        #expect(text.contains("not proof"))
        #expect(text.contains("Of 4 essays by people"))
        #expect(triton.requests.contains { $0.model == "bert_bilstm" })
    }

    @Test func `a tool that cannot do its work says why in its result`() async throws {
        let cases = [
            (#"{}"#, "missing_text"), (#"{"text":7}"#, "invalid_text"), (#"{"text":" \n"}"#, "empty_text"),
            (#"{"text":"a","lang":"en"}"#, "unknown_field"),
        ]
        for (arguments, code) in cases {
            let answer = try await call("analyze_essay", arguments)
            #expect(answer.status == .ok)
            #expect(answer.result?["isError"] as? Bool == true)
            #expect(answer.text?.hasPrefix("\(code): ") == true, "\(arguments)")
            #expect(answer.structured == nil)
        }
        triton.setReachable(false)
        let answer = try await call("analyze_essay", try Self.quoted(`The pipeline`.essay))
        #expect(answer.text?.hasPrefix("not_ready: ") == true)
    }

    @Test func `a feature is explained, and its value is placed`() throws {
        let definition = try #require(FeatureSchema.current.definitions.first)
        let reference = Reference(
            human: (0...100).map(Double.init), ai: (100...200).map(Double.init), minimum: 0, maximum: 200)
        let reply = FeatureReply(definition, value: 75, reference: reference)
        #expect(reply.humanMedian == 50)
        #expect(reply.aiMedian == 150)
        #expect(try #require(reply.humanPercentile).rounded() == 75)
        #expect(reply.aiPercentile == 0)
        #expect(reply.words.contains("75.0 is above 75% of the essays by people and 0% of those by language models."))
    }

    @Test func `a feature that does not exist brings names that are alike, and never what was sent`() async throws {
        let known = try await call("explain_feature", #"{"name":"sentence_burstiness","value":0.1}"#)
        #expect(known.structured?["name"] as? String == "sentence_burstiness")
        #expect(known.text?.contains("Burstiness") == true)
        let alike = try await call("explain_feature", #"{"name":"Burstiness of xylowombats"}"#)
        #expect(alike.result?["isError"] as? Bool == true)
        #expect(alike.text?.contains("sentence_burstiness") == true)
        #expect(alike.text?.contains("xylowombat") == false)
        for arguments in [
            #"{"name":"zz"}"#, #"{}"#, #"{"name":"ari","value":"high"}"#, #"{"name":"ari","value":1e999}"#,
        ] {
            let answer = try await call("explain_feature", arguments)
            #expect(answer.text?.hasPrefix("invalid_argument: ") == true, "\(arguments)")
        }
    }

    @Test func `the models are listed with what is wrong`() async throws {
        triton.unload(.bertClassifier)
        let answer = try await call("list_models", "{}")
        #expect(answer.structured?["status"] as? String == "degraded")
        #expect(answer.text?.contains("bert_classifier: unavailable: not loaded") == true)
        #expect(answer.text?.contains("- ebm: ready, version 1") == true)
    }

    // MARK: - What is no request

    @Test(arguments: [
        ("", -32700), ("{", -32700), ("[]", -32600), (#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600),
        (#"{"id":1,"method":"ping"}"#, -32600), (#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1}"#, -32600), (#"{"jsonrpc":"2.0","id":1,"result":{}}"#, -32600),
        (#"{"jsonrpc":"2.0","method":"tools/list"}"#, -32600), (#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, -32700),
        (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"\u0000"}}"#, -32700),
    ])
    func `what is not one message is refused`(body: String, code: Int) async throws {
        let answer = try await post(body)
        #expect(answer.status == .badRequest)
        #expect(answer.errorCode == code)
        #expect((answer.error?["message"] as? String)?.isEmpty == false)
    }

    @Test func `unknown methods and tools and wrong parameters are errors of the protocol`() async throws {
        let cases = [
            (#""method":"resources/list""#, -32601), (#""method":"tools/call""#, -32602),
            (#""method":"tools/call","params":{"name":"sing"}"#, -32602),
            (#""method":"tools/call","params":{"name":"list_models","arguments":[]}"#, -32602),
            (#""method":"initialize","params":{}"#, -32602),
            (#""method":"tools/list","params":{"_meta":7}"#, -32602),
        ]
        for (message, code) in cases {
            let answer = try await post(#"{"jsonrpc":"2.0","id":1,\#(message)}"#)
            #expect(answer.errorCode == code, "\(message)")
            #expect(answer.json["id"] as? Int == 1)
        }
    }

    @Test func `other media types and bodies that are too large keep their status`() async throws {
        let text = try await post("{}", ["Content-Type": "text/plain"])
        #expect(text.status == .unsupportedMediaType)
        #expect(text.errorCode == -32000)
        #expect(text.json["id"] is NSNull)
        let large = try await post(String(repeating: " ", count: (1 << 20) + 1))
        #expect(large.status == .contentTooLarge)
    }

    @Test(arguments: [
        ("http://localhost", true), ("http://localhost:6274", true), ("https://127.0.0.1:8080", true),
        ("http://[::1]:3000", true), ("null", false), ("https://evil.example", false),
        ("http://localhost.evil.example", false), ("http://localhost:80@evil.example", false),
        ("http://127.0.0.1.evil.example:8080", false), ("file://", false), ("https://chosen.example", true),
        ("https://chosen.example:8443", false),
    ])
    func `web pages of other sites are kept out`(origin: String, isAllowed: Bool) async throws {
        let policy = OriginPolicy(crossOrigin: try CrossOrigin(list: "https://chosen.example"))
        do {
            try policy.check(origin)
            #expect(isAllowed)
        } catch {
            #expect(!isAllowed)
            #expect(error.code.status == 403)
        }
        if origin != "https://chosen.example" {
            let answer = try await post(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, ["Origin": origin])
            #expect(answer.status == (isAllowed ? .ok : .forbidden))
        }
    }
}
