import TestSupport
import Testing

@testable import TritonClient

/// What a server, or something on the way that is not one, may do to an HTTP reply.
@Suite("HTTP faults")
struct HTTPFaultTests {
    static let request = InferRequest(
        model: "m", inputs: [Tensor(name: "x", datatype: .fp32, shape: [1], bytes: [0, 0, 0, 0])], outputs: ["y"])
    static let json =
        #"{"model_name":"m","model_version":"1","outputs":[{"name":"y","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}]}"#
    static let tensor: [UInt8] = [1, 2, 3, 4]
    static let rightBody = Array(json.utf8) + tensor
    static let jsonLengthHeader = "Inference-Header-Content-Length: \(json.utf8.count)"

    /// How `infer` ends when the server does to each connection what `script` says.
    private func inferError(
        configuration: TransportConfiguration = .init(), _ script: @escaping LoopbackServer.Script
    ) async throws -> TritonError? {
        let server = try LoopbackServer(script)
        defer { server.stop() }
        let transport = try WireProtocol.http.transport(port: server.port, configuration: configuration)
        let error = await tritonError { () throws(TritonError) in
            try await transport.infer(Self.request, deadline: .generous)
        }
        await transport.shutdown()
        return error
    }

    /// The same for a server that reads the request and then sends `reply` and closes.
    private func inferError(reply: String, _ tail: [UInt8] = []) async throws -> TritonError? {
        try await inferError { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(Array(reply.utf8) + tail)
        }
    }

    @Test("a right reply is taken, whether sized, chunked or ended by closing")
    func right() async throws {
        let ended = "HTTP/1.1 200 OK\r\n\(Self.jsonLengthHeader)\r\n"
        let sized = ended + "Content-Length: \(Self.rightBody.count)\r\n\r\n"
        #expect(try await inferError(reply: sized, Self.rightBody) == nil)
        #expect(try await inferError(reply: ended + "Connection: close\r\n\r\n", Self.rightBody) == nil)
        let size = String(Self.rightBody.count, radix: 16)
        let chunked = ended + "Transfer-Encoding: chunked\r\n\r\n\(size)\r\n"
        #expect(try await inferError(reply: chunked, Self.rightBody + Array("\r\n0\r\n\r\n".utf8)) == nil)
    }

    struct BadReply: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var status = "200 OK"
        var headers: [String]
        var body: [UInt8] = HTTPFaultTests.rightBody
    }

    static let badReplies: [BadReply] = [
        .init(testDescription: "compressed", headers: [jsonLengthHeader, "Content-Encoding: gzip"]),
        .init(testDescription: "encoded twice", headers: ["Content-Encoding: identity", "Content-Encoding: br"]),
        .init(testDescription: "a redirect", status: "307 Temporary Redirect", headers: ["Location: /v2"]),
        .init(testDescription: "no content", status: "204 No Content", headers: ["Content-Length: 0"], body: []),
        .init(testDescription: "no JSON length", headers: []),
        .init(testDescription: "two JSON lengths", headers: [jsonLengthHeader, jsonLengthHeader]),
        .init(
            testDescription: "JSON length that overflows",
            headers: ["Inference-Header-Content-Length: 18446744073709551617"]),
        .init(testDescription: "no tensor bytes", headers: [jsonLengthHeader], body: Array(json.utf8)),
        .init(testDescription: "extra bytes", headers: [jsonLengthHeader], body: rightBody + [0]),
        .init(testDescription: "no body", headers: [jsonLengthHeader], body: []),
        .init(testDescription: "HTML", headers: ["Content-Type: text/html"], body: Array("<html></html>".utf8)),
        .init(testDescription: "Content-Length no number", headers: [jsonLengthHeader, "Content-Length: many"]),
        .init(testDescription: "Content-Length negative", headers: [jsonLengthHeader, "Content-Length: -5"]),
        .init(
            testDescription: "Content-Length beyond 64 bits",
            headers: [jsonLengthHeader, "Content-Length: 99999999999999999999"]),
        .init(testDescription: "chunks without sizes", headers: [jsonLengthHeader, "Transfer-Encoding: chunked"]),
    ]

    @Test("a reply that breaks the protocol is invalid", arguments: badReplies)
    func invalid(_ bad: BadReply) async throws {
        let error = try await inferError { connection in
            guard connection.readRequest() != nil else { return }
            connection.reply(bad.status, headers: bad.headers, body: bad.body)
        }
        #expect(error?.isInvalidResponse == true, "\(String(describing: error))")
    }

    @Test(
        "bytes that are no HTTP/1.x are invalid",
        arguments: [
            "SSH-2.0-OpenSSH_9.2\r\n", "\u{0}\u{0}\u{12}\u{4}\u{0}\u{0}\u{0}", "HTTP/1.1 abc\r\n\r\n",
            "HTTP/9.9 200\r\n\r\n",
        ]
    )
    func garbage(_ bytes: String) async throws {
        let error = try await inferError(reply: bytes)
        #expect(error?.isInvalidResponse == true, "\(String(describing: error))")
    }

    @Test("headers without end are given up, not gathered")
    func endlessHeaders() async throws {
        let error = try await inferError { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\n")
            while connection.send("X-Filler: \(String(repeating: "x", count: 1000))\r\n") {}
        }
        #expect(error?.isInvalidResponse == true, "\(String(describing: error))")
    }

    @Test("a reply over the limit is given up, whether announced or not", arguments: [true, false])
    func tooLarge(_ isAnnounced: Bool) async throws {
        var configuration = TransportConfiguration()
        configuration.maximumReplyBytes = 100_000
        let error = try await inferError(configuration: configuration) { connection in
            guard connection.readRequest() != nil else { return }
            let length = isAnnounced ? "Content-Length: 100001" : "Connection: close"
            connection.send("HTTP/1.1 200 OK\r\n\(length)\r\n\r\n")
            while connection.send([UInt8](repeating: 0, count: 10_000)) {}
        }
        #expect(error?.isInvalidResponse == true, "\(String(describing: error))")
    }

    @Test(
        "a reply cut off by the end of the connection is a lost connection, not a short reply", arguments: [0, 10, 100])
    func cutOff(_ count: Int) async throws {
        let head = "HTTP/1.1 200 OK\r\n\(Self.jsonLengthHeader)\r\nContent-Length: \(Self.rightBody.count)\r\n\r\n"
        let error = try await inferError(reply: head, Array(Self.rightBody.prefix(count)))
        #expect(error?.isConnectionLost == true, "\(String(describing: error))")
    }

    @Test("a connection closed or reset in place of the reply, or within it, is lost", arguments: [true, false])
    func lost(_ resets: Bool) async throws {
        for sent in ["", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nabc"] {
            let error = try await inferError { connection in
                guard connection.readRequest() != nil else { return }
                connection.send(sent)
                if resets { connection.reset() }
            }
            #expect(error?.isConnectionLost == true, "\(String(describing: error))")
        }
    }

    @Test("the server's own errors carry their kind and Triton's message")
    func serverErrors() async throws {
        let kinds: [(String, ServerFault)] = [
            ("400 Bad Request", .invalidArgument), ("401 Unauthorized", .denied), ("403 Forbidden", .denied),
            ("404 Not Found", .notFound), ("429 Too Many Requests", .overloaded),
            ("500 Internal Server Error", .internalError), ("501 Not Implemented", .unimplemented),
            ("503 Service Unavailable", .unavailable), ("418 Teapot", .internalError),
        ]
        for (status, fault) in kinds {
            let error = try await inferError { connection in
                guard connection.readRequest() != nil else { return }
                connection.reply(status, body: Array(#"{"error":"what is wrong"}"#.utf8))
            }
            #expect(error == .server(fault, message: "what is wrong"))
        }
        let error = try await inferError { connection in
            guard connection.readRequest() != nil else { return }
            connection.reply("503 Service Unavailable", body: Array("<html>gateway</html>".utf8))
        }
        #expect(error == .server(.unavailable, message: "HTTP status 503"))
    }

    @Test("a name that does not resolve is unreachable")
    func unknownHost() async throws {
        let transport = try makeTransport(url: "http://no-such-host.invalid:8000")
        let error = await tritonError { () throws(TritonError) in try await transport.isServerLive(deadline: .generous)
        }
        #expect(error?.isUnreachable == true, "\(String(describing: error))")
        await transport.shutdown()
    }

    @Test("a server that speaks no TLS is unreachable over https")
    func noTLS() async throws {
        let server = try LoopbackServer { connection in
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
        }
        defer { server.stop() }
        let transport = try makeTransport(url: "https://127.0.0.1:\(server.port)")
        let error = await tritonError { () throws(TritonError) in try await transport.isServerLive(deadline: .generous)
        }
        #expect(error?.isUnreachable == true, "\(String(describing: error))")
        await transport.shutdown()
    }
}

extension TritonError {
    var isUnreachable: Bool {
        if case .unreachable = self { true } else { false }
    }

    var isConnectionLost: Bool {
        if case .connectionLost = self { true } else { false }
    }

    var isInvalidResponse: Bool {
        if case .invalidResponse = self { true } else { false }
    }

    var isInvalidRequest: Bool {
        if case .invalidRequest = self { true } else { false }
    }
}
