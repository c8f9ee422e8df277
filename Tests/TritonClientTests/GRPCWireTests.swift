import Foundation
import Synchronization
import TestSupport
import Testing

@testable import TritonClient

/// What really happens on the connection: what a server sees of deadlines, cancellations, pings and shutdowns.
@Suite("gRPC wire", .serialized)
struct GRPCWireTests {
    private static let request = GRPCFaultTests.request

    private func inferError(_ transport: any InferenceTransport, within: Duration = .seconds(20)) async -> TritonError?
    {
        await tritonError { () throws(TritonError) in
            try await transport.infer(Self.request, deadline: .now + within)
        }
    }

    /// A server that tells of each call and of the frame that comes after it, and never answers.
    private func muteServer(answersPings: Bool = true) throws -> (LoopbackServer, AsyncStream<Seen>) {
        let (stream, continuation) = AsyncStream.makeStream(of: Seen.self)
        let server = try LoopbackServer { connection in
            guard let server = GRPCServerConnection(connection) else { return }
            server.answersPings = answersPings
            while let call = server.readCall() {
                continuation.yield(.call(call))
                guard let frame = server.readFrame() else { break }
                continuation.yield(.frame(frame))
            }
            continuation.yield(.closed(pingCount: server.pingCount))
        }
        return (server, stream)
    }

    private enum Seen: Sendable {
        case call(ReceivedCall)
        case frame(HTTP2Frame)
        case closed(pingCount: Int)

        var call: ReceivedCall? { if case .call(let call) = self { call } else { nil } }
        var frame: HTTP2Frame? { if case .frame(let frame) = self { frame } else { nil } }
        var pingCount: Int? { if case .closed(let pingCount) = self { pingCount } else { nil } }
    }

    @Test("the request on the wire is the method's path and the message that the codec made")
    func requestOnWire() async throws {
        let (server, seen) = try muteServer()
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(port: server.port)
        #expect(await inferError(transport, within: .milliseconds(300)) == .deadlineExceeded)
        var events = seen.makeAsyncIterator()
        let call = try #require(await events.next()?.call)
        #expect(call.headersContain("/inference.GRPCInferenceService/ModelInfer"))
        #expect(call.message == (try InferMessage.encode(Self.request).flatMap { $0 }))
        await transport.shutdown()
    }

    @Test("the server is told the deadline, and that the call has ended at it")
    func deadlineOnWire() async throws {
        let (server, seen) = try muteServer()
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(port: server.port)
        #expect(await inferError(transport, within: .milliseconds(500)) == .deadlineExceeded)
        var events = seen.makeAsyncIterator()
        let call = try #require(await events.next()?.call)
        // What is left of 500 ms after the connection stands, in gRPC's 'm' for milliseconds.
        #expect(call.headersContain("grpc-timeout"))
        #expect((300...501).contains { call.headersContain("\($0)m") })
        let frame = try #require(await events.next()?.frame)
        #expect(frame.kind == .reset)
        #expect(frame.stream == call.stream)
        await transport.shutdown()
    }

    @Test("a cancelled task resets its stream, with the code CANCEL")
    func cancellationOnWire() async throws {
        let (server, seen) = try muteServer()
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(port: server.port)
        let task = Task { await inferError(transport) }
        var events = seen.makeAsyncIterator()
        let call = try #require(await events.next()?.call)
        task.cancel()
        #expect(await task.value == .cancelled)
        let frame = try #require(await events.next()?.frame)
        #expect(frame.kind == .reset)
        #expect(frame.stream == call.stream)
        #expect(frame.payload == [0, 0, 0, 8])
        #expect(server.acceptedCount == 1)
        await transport.shutdown()
    }

    @Test("shutdown ends calls in flight, and its return means that the sockets are closed")
    func shutdownOnWire() async throws {
        let (server, seen) = try muteServer()
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(port: server.port)
        let task = Task { await inferError(transport) }
        var events = seen.makeAsyncIterator()
        _ = try #require(await events.next()?.call)
        #expect(clientSockets(to: server.port) == 1)
        await transport.shutdown()
        #expect(clientSockets(to: server.port) == 0)
        #expect(await task.value == .shutDown)
        let frame = try #require(await events.next()?.frame)
        #expect(frame.kind == .reset || frame.kind == .goAway)
        _ = try #require(await events.next()?.pingCount)
    }

    @Test("a transport that is let go of without a shutdown ends its thread and its sockets all the same")
    func released() async throws {
        let server = try GRPCFaultTests.server { server, call, _ in server.reply(GRPCFaultTests.right, to: call) }
        defer { server.stop() }
        do {
            let transport = try WireProtocol.grpc.transport(port: server.port)
            _ = try await transport.infer(Self.request, deadline: .generous)
            #expect(clientSockets(to: server.port) == 1)
        }
        let limit = ContinuousClock.now + .seconds(5)
        while clientSockets(to: server.port) > 0, ContinuousClock.now < limit {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(clientSockets(to: server.port) == 0)
    }

    @Test("calls of one transport share a connection")
    func reuse() async throws {
        let server = try GRPCFaultTests.server { server, call, _ in server.reply(GRPCFaultTests.right, to: call) }
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(port: server.port)
        for _ in 0..<20 { _ = try await transport.infer(Self.request, deadline: .generous) }
        await withTaskGroup { group in
            for _ in 0..<50 { group.addTask { #expect(await inferError(transport) == nil) } }
        }
        #expect(server.acceptedCount == 1)
        await transport.shutdown()
    }

    // MARK: Keepalive

    @Test("a peer that goes silent in mid-call is found out by pings, long before the deadline")
    func silentPeer() async throws {
        let (server, _) = try muteServer(answersPings: false)
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(
            port: server.port, configuration: .init(keepaliveInterval: .seconds(1), keepaliveTimeout: .seconds(1)))
        let begin = ContinuousClock.now
        let error = await inferError(transport)
        #expect(error?.isConnectionLost == true, "\(String(describing: error))")
        #expect(begin.duration(to: .now) < .seconds(5))
        await transport.shutdown()
    }

    @Test("a slow call is pinged twice at most, and an idle connection never: more makes Triton say GOAWAY")
    func pingsAreFew() async throws {
        let (server, seen) = try muteServer()
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(
            port: server.port, configuration: .init(keepaliveInterval: .seconds(1), keepaliveTimeout: .seconds(1)))
        #expect(await inferError(transport, within: .seconds(6)) == .deadlineExceeded)
        try await Task.sleep(for: .seconds(2))
        await transport.shutdown()
        var events = seen.makeAsyncIterator()
        _ = try #require(await events.next()?.call)
        _ = try #require(await events.next()?.frame)
        let pingCount = try #require(await events.next()?.pingCount)
        #expect((1...2).contains(pingCount), "\(pingCount) pings")
    }

    // MARK: Recovery

    /// The time until a call succeeds again; nil after 10 s.
    private func timeToRecover(_ transport: any InferenceTransport) async -> Duration? {
        let begin = ContinuousClock.now
        while begin.duration(to: .now) < .seconds(10) {
            if await inferError(transport, within: .seconds(1)) == nil { return begin.duration(to: .now) }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }

    @Test("a server that comes late is found, one that comes back is found again, each within 2 s")
    func recovery() async throws {
        let answer: GRPCFaultTests.Answer = { server, call, _ in server.reply(GRPCFaultTests.right, to: call) }
        let port = try LoopbackServer.unusedPort()
        let transport = try WireProtocol.grpc.transport(port: port)
        // Long enough for C core's own wait, 1 s and growing by 1.6 each time, to have grown past 2 s.
        var times: [Duration] = []
        for _ in 0..<2 {
            let until = ContinuousClock.now + .seconds(5)
            while ContinuousClock.now < until {
                let error = await inferError(transport)
                switch error {
                case .unreachable, .connectionLost: break
                default: Issue.record("\(String(describing: error))")
                }
                try await Task.sleep(for: .milliseconds(50))
            }
            let server = try GRPCFaultTests.server(port: port, answer)
            times.append(try #require(await timeToRecover(transport)))
            server.stop()
        }
        // The shorter one: something else may have had the machine meanwhile.
        #expect(try #require(times.min()) < .seconds(2))
        await transport.shutdown()
    }

    @Test("while the server is away a call fails at once, not at its deadline")
    func failFast() async throws {
        let transport = try WireProtocol.grpc.transport(port: LoopbackServer.unusedPort())
        var times: [Duration] = []
        for _ in 0..<20 {
            let begin = ContinuousClock.now
            let error = await inferError(transport)
            #expect(error?.isUnreachable == true, "\(String(describing: error))")
            times.append(begin.duration(to: .now))
        }
        // The median: something else may have had the machine now and then.
        #expect(times.sorted()[10] < .seconds(1))
        await transport.shutdown()
    }

    @Test("a host name that does not exist is unreachable")
    func noSuchHost() async throws {
        let transport = try makeTransport(url: "grpc://no-such-host.invalid:8001")
        let error = await inferError(transport, within: .seconds(15))
        #expect(error?.isUnreachable == true, "\(String(describing: error))")
        await transport.shutdown()
    }

    /// Sockets of this process that are connected to a port of 127.0.0.1, by /proc.
    private func clientSockets(to port: Int) -> Int {
        // The remote address comes last before the state, 01 for ESTABLISHED. C core takes an IPv6 socket for IPv4, too.
        let remote = "0100007F:" + String(format: "%04X", port) + " 01 "
        return ["tcp", "tcp6"].reduce(0) { count, table in
            // Not String(contentsOfFile:): files in /proc have no size, and it stops after the first page.
            let content = try? FileHandle(forReadingAtPath: "/proc/self/net/" + table)?.readToEnd()
            let lines = String(decoding: content ?? Data(), as: UTF8.self).split(separator: "\n")
            return count + lines.count { $0.contains(remote) }
        }
    }
}
