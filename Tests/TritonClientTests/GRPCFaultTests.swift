import Foundation
import Synchronization
import TestSupport
import Testing

@testable import TritonClient

/// What a gRPC server may do to a call, and which error comes of it.
@Suite("gRPC faults")
struct GRPCFaultTests {
    static let request = HTTPFaultTests.request
    /// The right answer to `request`: y, FP32, [1].
    static let right: [UInt8] = [
        0x0A, 1, 0x6D, 0x12, 1, 0x31, 0x2A, 12, 0x0A, 1, 0x79, 0x12, 4, 0x46, 0x50, 0x33, 0x32, 0x1A, 1, 1, 0x32, 4, 1,
        2,
        3, 4,
    ]

    typealias Answer = @Sendable (GRPCServerConnection, ReceivedCall, LoopbackConnection) -> Void

    /// A server that reads calls and does to each what `answer` says.
    static func server(port: Int = 0, _ answer: @escaping Answer) throws -> LoopbackServer {
        try LoopbackServer(port: port) { connection in
            guard let server = GRPCServerConnection(connection) else { return }
            while let call = server.readCall() { answer(server, call, connection) }
        }
    }

    /// How `infer` ends when the server answers so.
    private func inferError(
        configuration: TransportConfiguration = .init(), _ answer: @escaping Answer
    ) async throws -> TritonError? {
        let server = try Self.server(answer)
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(port: server.port, configuration: configuration)
        let error = await tritonError { () throws(TritonError) in
            try await transport.infer(Self.request, deadline: .generous)
        }
        await transport.shutdown()
        return error
    }

    @Test("a right reply is taken")
    func right() async throws {
        #expect(try await inferError { server, call, _ in server.reply(Self.right, to: call) } == nil)
    }

    @Test(
        "a status that the server sends is the server's error, with its message",
        arguments: [
            (1, ServerFault.internalError), (2, .internalError), (3, .invalidArgument), (5, .notFound),
            (6, .internalError),
            (7, .denied), (8, .overloaded), (9, .invalidArgument), (11, .invalidArgument), (12, .unimplemented),
            (13, .internalError), (14, .unavailable), (16, .denied), (99, .internalError),
        ])
    func status(_ status: Int, _ fault: ServerFault) async throws {
        // 'Trailers only', and after a reply's headers: servers do both.
        #expect(
            try await inferError { server, call, _ in server.fail(call, status: status, message: "why it is so") }
                == .server(fault, message: "why it is so"))
        let late = try await inferError { server, call, _ in
            server.sendInitialHeaders(stream: call.stream)
            server.sendTrailers(status: status, message: "late", stream: call.stream)
        }
        #expect(late == .server(fault, message: "late"))
    }

    @Test("the server's own 'deadline exceeded' is one")
    func serverDeadline() async throws {
        #expect(
            try await inferError { server, call, _ in server.fail(call, status: 4, message: "x") } == .deadlineExceeded)
    }

    @Test("an error message of 15 KB, more than C core's 8 KiB, comes through, cut to a readable length")
    func longMessage() async throws {
        let error = try await inferError { server, call, _ in
            // HTTP/2 frames hold at most 16 KiB unasked; the rest would need a CONTINUATION.
            server.fail(call, status: 13, message: String(repeating: "m", count: 15_000))
        }
        #expect(error == .server(.internalError, message: String(repeating: "m", count: 1000) + "…"))
    }

    @Test(
        "a connection that breaks after the request was sent is lost",
        arguments: ["close", "reset", "GOAWAY", "half a reply"])
    func broken(_ manner: String) async throws {
        let error = try await inferError { server, call, connection in
            switch manner {
            case "reset": return connection.reset()
            case "GOAWAY": server.send(.goAway, stream: 0, [0, 0, 0, 0, 0, 0, 0, 0])
            case "half a reply":
                server.sendInitialHeaders(stream: call.stream)
                server.sendMessage(Array(Self.right.prefix(9)), stream: call.stream, announcing: Self.right.count)
            default: break
            }
            connection.disconnect()
        }
        #expect(error?.isConnectionLost == true, "\(String(describing: error))")
    }

    @Test("a stream that the server resets is lost; other calls of the connection go on", arguments: [2, 7, 8, 11])
    func streamReset(_ code: UInt8) async throws {
        let calls = Atomic(0)
        let server = try Self.server { server, call, _ in
            if calls.add(1, ordering: .relaxed).oldValue == 0 {
                server.send(.reset, stream: call.stream, [0, 0, 0, code])
            } else {
                server.reply(Self.right, to: call)
            }
        }
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(port: server.port)
        let error = await tritonError { () throws(TritonError) in
            try await transport.infer(Self.request, deadline: .generous)
        }
        switch error {
        case .connectionLost, .invalidResponse: break
        default: Issue.record("\(String(describing: error))")
        }
        _ = try await transport.infer(Self.request, deadline: .generous)
        #expect(server.acceptedCount == 1)
        await transport.shutdown()
    }

    @Test(
        "a reply that breaks the protocol is invalid",
        arguments: [
            "no message", "another message", "compressed", "too large", "empty",
        ])
    func invalid(_ manner: String) async throws {
        let error = try await inferError(configuration: .init(maximumReplyBytes: 100_000)) { server, call, _ in
            let stream = call.stream
            server.sendInitialHeaders(
                stream: stream, extra: manner == "compressed" ? [("grpc-encoding", "gzip")] : [])
            switch manner {
            case "no message": break
            case "another message": server.sendMessage([0xFF, 0xFF, 0xFF], stream: stream)
            case "compressed": server.sendMessage(Self.right, stream: stream, flag: 1)
            case "too large":
                server.sendMessage([UInt8](repeating: 0, count: 60_000), stream: stream, announcing: 100_001)
            default: server.sendMessage([], stream: stream)
            }
            server.sendTrailers(status: 0, stream: stream)
        }
        guard case .invalidResponse = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a refused encoding is an invalid reply, also where C core has forgotten who sent it")
    func refusedEncoding() {
        let words = "Compression algorithm 'gzip' is disabled."
        let failure = GRPCFailure(status: 12, message: words, reachedConnection: false, isFromServer: false)
        #expect(failure.error == .invalidResponse(words))
    }

    @Test("bytes after the one message hold its status back, so the deadline ends the call", arguments: [0, 1])
    func surplus(_ cut: Int) async throws {
        let server = try Self.server { server, call, _ in
            server.sendInitialHeaders(stream: call.stream)
            if cut == 0 { server.sendMessage(Self.right, stream: call.stream) }
            server.sendMessage(Self.right, stream: call.stream, announcing: Self.right.count - cut)
            server.sendTrailers(status: 0, stream: call.stream)
        }
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(port: server.port)
        let error = await tritonError { () throws(TritonError) in
            try await transport.infer(Self.request, deadline: .now + .milliseconds(500))
        }
        #expect(error == .deadlineExceeded)
        await transport.shutdown()
    }

    @Test("a reply as large as the limit is taken")
    func largest() async throws {
        // 4 MiB is C core's own limit.
        let count = 5 << 20
        let server = try Self.server { server, call, _ in
            var message = Self.right.dropLast(6) + [0x32]
            var rest = count
            while rest >= 0x80 {
                message.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            message.append(UInt8(rest))
            message += [UInt8](repeating: 0, count: count)
            server.reply(Array(message), to: call)
        }
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(port: server.port)
        // y is announced as one element; only the limit is of interest.
        let error = await tritonError { () throws(TritonError) in
            try await transport.infer(Self.request, deadline: .generous)
        }
        #expect(error == .invalidResponse("output 'y' has \(count) bytes, not 1 × 4"))
        await transport.shutdown()
    }

    @Test("a server of another protocol is unreachable: it never sees a request")
    func http1() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.read()
            connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            connection.waitUntilPeerCloses()
        }
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(
            port: server.port, configuration: .init(connectTimeout: .seconds(1)))
        let error = await tritonError { () throws(TritonError) in
            try await transport.infer(Self.request, deadline: .generous)
        }
        #expect(error?.isUnreachable == true, "\(String(describing: error))")
        await transport.shutdown()
    }

    @Test("health calls turn the server's 'no' into false, and pass other errors on")
    func health() async throws {
        for (status, expected) in [(5, false), (14, false), (3, false)] {
            let server = try Self.server { server, call, _ in server.fail(call, status: status, message: "no") }
            let transport = try WireProtocol.grpc.transport(port: server.port)
            #expect(try await transport.isModelReady("m", version: nil, deadline: .generous) == expected)
            #expect(try await transport.isServerReady(deadline: .generous) == expected)
            await transport.shutdown()
            server.stop()
        }
        let server = try Self.server { server, call, _ in server.fail(call, status: 16, message: "who are you") }
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(port: server.port)
        #expect(
            await tritonError { () throws(TritonError) in try await transport.isServerLive(deadline: .generous) }
                == .server(.denied, message: "who are you"))
        await transport.shutdown()
    }
}
