import TestSupport
import Testing

@testable import TritonClient

@Suite("Model repository")
struct RepositoryTests {
    static let index = [
        RepositoryModel(name: "m", version: "2", state: "UNAVAILABLE", reason: "unloaded"),
        RepositoryModel(name: "n", version: "", state: "", reason: ""),
    ]

    private static func transport(
        _ wire: WireProtocol, port: Int
    ) throws -> any InferenceTransport & ModelRepositoryControl {
        let scheme = wire == .http ? "http" : "grpc"
        return try makeTransport(url: "\(scheme)://127.0.0.1:\(port)")
    }

    @Test("requests and the index are byte for byte tritonclient's")
    func messages() throws {
        #expect(try RepositoryMessages.encode("m") == MessageFixtures.metadata("repository_load_request"))
        #expect(try RepositoryMessages.encode("m") == MessageFixtures.metadata("repository_unload_request"))
        #expect(try RepositoryMessages.decodeIndex(MessageFixtures.metadata("repository_index")) == Self.index)
        #expect(try RepositoryMessages.decodeIndex([]) == [])
        #expect(throws: TritonError.self) { try RepositoryMessages.decodeIndex([0x0A, 0x05]) }
    }

    @Test("over HTTP each call is a POST of an empty JSON object to its path")
    func http() async throws {
        let (heads, continuation) = AsyncStream.makeStream(of: ReceivedRequest.self)
        let server = try LoopbackServer { connection in
            while let request = connection.readRequest() {
                continuation.yield(request)
                let isIndex = request.head.contains("/index ")
                let json = #"[{"name":"m","version":"2","state":"UNAVAILABLE","reason":"unloaded"},{"name":"n"}]"#
                connection.reply(body: Array((isIndex ? json : "").utf8))
            }
        }
        defer { server.stop() }
        let transport = try Self.transport(.http, port: server.port)
        #expect(try await transport.repositoryIndex(deadline: .generous) == Self.index)
        try await transport.loadModel("m", deadline: .generous)
        try await transport.unloadModel("m", deadline: .generous)
        var received = heads.makeAsyncIterator()
        for path in ["index", "models/m/load", "models/m/unload"] {
            let request = try #require(await received.next())
            #expect(request.head.hasPrefix("POST /v2/repository/\(path) HTTP/1.1\r\n"))
            #expect(request.header("Content-Type") == "application/json")
            #expect(request.header("Inference-Header-Content-Length") == nil)
            #expect(request.body == Array("{}".utf8))
        }
        await transport.shutdown()
    }

    @Test("over gRPC each call goes to its method")
    func grpc() async throws {
        let index = try MessageFixtures.metadata("repository_index")
        let request = try MessageFixtures.metadata("repository_load_request")
        let server = try LoopbackServer { connection in
            guard let server = GRPCServerConnection(connection) else { return }
            while let call = server.readCall() {
                if call.headersContain("/inference.GRPCInferenceService/RepositoryIndex"), call.message.isEmpty {
                    server.reply(index, to: call)
                } else if call.headersContain("/inference.GRPCInferenceService/RepositoryModelLoad"),
                    call.message == request
                {
                    server.reply([], to: call)
                } else {
                    server.fail(call, status: 14, message: "not this")
                }
            }
        }
        defer { server.stop() }
        let transport = try Self.transport(.grpc, port: server.port)
        #expect(try await transport.repositoryIndex(deadline: .generous) == Self.index)
        try await transport.loadModel("m", deadline: .generous)
        let error = await tritonError { () throws(TritonError) in
            try await transport.unloadModel("m", deadline: .generous)
        }
        #expect(error == .server(.unavailable, message: "not this"))
        await transport.shutdown()
    }

    @Test(
        "a name that leads elsewhere never reaches the wire", arguments: WireProtocol.allCases,
        ["", "..", "a/b", "a?b"])
    func names(_ wire: WireProtocol, name: String) async throws {
        let transport = try Self.transport(wire, port: LoopbackServer.unusedPort())
        for error in [
            await tritonError { () throws(TritonError) in try await transport.loadModel(name, deadline: .generous) },
            await tritonError { () throws(TritonError) in try await transport.unloadModel(name, deadline: .generous) },
        ] {
            #expect(error?.isInvalidRequest == true, "\(String(describing: error))")
        }
        await transport.shutdown()
    }

    @Test("an index that is no list of models is an error", arguments: ["{}", "[1]", "[{\"version\":\"1\"}]", ""])
    func nonsense(json: String) async throws {
        let server = try LoopbackServer { connection in
            while connection.readRequest() != nil { connection.reply(body: Array(json.utf8)) }
        }
        defer { server.stop() }
        let transport = try Self.transport(.http, port: server.port)
        let error = await tritonError { () throws(TritonError) in
            _ = try await transport.repositoryIndex(deadline: .generous)
        }
        guard case .invalidResponse = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        await transport.shutdown()
    }
}
