import Synchronization
import TestSupport
import Testing

@testable import TritonClient

@Suite("gRPC to several servers behind one name")
struct GRPCBalancingTests {
    /// A server that answers every call rightly, and counts them.
    private final class CountingServer: Sendable {
        let calls = Atomic(0)
        private let listening = Mutex<LoopbackServer?>(nil)

        var port: Int { listening.withLock { $0?.port ?? 0 } }
        var callCount: Int { calls.load(ordering: .relaxed) }

        init() throws {
            let server = try GRPCFaultTests.server { [self] server, call, _ in
                calls.add(1, ordering: .relaxed)
                server.reply(GRPCFaultTests.right, to: call)
            }
            listening.withLock { $0 = server }
        }

        func stop() { listening.withLock { $0?.stop() } }
    }

    private func connect(_ servers: [CountingServer]) throws -> GRPCTransport {
        let addresses = servers.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        return try GRPCTransport(target: "ipv4:" + addresses, usesTLS: false, configuration: .init())
    }

    /// Calls until every server has had one: the connections come up one after the other.
    private func callUntilAllHaveOne(_ servers: [CountingServer], _ transport: GRPCTransport) async throws {
        let end = ContinuousClock.Instant.generous
        while servers.contains(where: { $0.callCount == 0 }), .now < end {
            _ = try await transport.infer(GRPCFaultTests.request, deadline: .generous)
        }
    }

    @Test("calls take the servers in turns")
    func turns() async throws {
        let servers = [try CountingServer(), try CountingServer()]
        defer { for server in servers { server.stop() } }
        let transport = try connect(servers)
        try await callUntilAllHaveOne(servers, transport)
        let before = servers.map(\.callCount)
        for _ in 0..<20 { _ = try await transport.infer(GRPCFaultTests.request, deadline: .generous) }
        #expect(zip(servers, before).map { $0.callCount - $1 } == [10, 10])
        await transport.shutdown()
    }

    @Test("a server that goes away is left out, and the others go on")
    func failover() async throws {
        let servers = [try CountingServer(), try CountingServer()]
        defer { servers[1].stop() }
        let transport = try connect(servers)
        try await callUntilAllHaveOne(servers, transport)
        servers[0].stop()
        // Until the end of the connection is noticed, calls that were sent on it are lost.
        var answered = 0
        let end = ContinuousClock.Instant.generous
        while answered < 10, .now < end {
            let error = await tritonError { () throws(TritonError) in
                try await transport.infer(GRPCFaultTests.request, deadline: .generous)
            }
            answered = error == nil ? answered + 1 : 0
        }
        #expect(answered == 10)
        await transport.shutdown()
    }
}
