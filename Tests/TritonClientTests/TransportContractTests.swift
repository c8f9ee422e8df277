import TestSupport
import Testing

@testable import TritonClient

/// What `InferenceTransport` promises, held against servers that speak no protocol at all, so that the same statements
/// hold for every transport.
@Suite("Transport contract")
struct TransportContractTests {
    static let request = HTTPFaultTests.request

    private func inferError(
        _ transport: any InferenceTransport, within: Duration = .seconds(20)
    ) async -> TritonError? {
        await tritonError { () throws(TritonError) in
            try await transport.infer(Self.request, deadline: .now + within)
        }
    }

    /// A server that accepts, reads, and never answers.
    private func silentServer() throws -> LoopbackServer {
        try LoopbackServer { $0.waitUntilPeerCloses() }
    }

    @Test("a port on which nothing listens is unreachable, at once", arguments: WireProtocol.allCases)
    func refused(_ wire: WireProtocol) async throws {
        let transport = try wire.transport(port: LoopbackServer.unusedPort())
        let taken = try await shortest(of: 10, endingUnder: .seconds(1)) {
            let begin = ContinuousClock.now
            let error = await inferError(transport)
            #expect(error?.isUnreachable == true, "\(String(describing: error))")
            return begin.duration(to: .now)
        }
        #expect(taken < .seconds(1))
        await transport.shutdown()
    }

    @Test(
        "a host that does not answer the connection is unreachable after the connect time-out",
        arguments: WireProtocol.allCases)
    func connectTimeout(_ wire: WireProtocol) async throws {
        let server = try DeafListener()
        defer { server.close() }
        let transport = try wire.transport(
            port: server.port, configuration: .init(connectTimeout: .milliseconds(300)))
        let taken = try await shortest(of: 10, endingUnder: .seconds(1)) {
            let begin = ContinuousClock.now
            let error = await inferError(transport)
            #expect(error?.isUnreachable == true, "\(String(describing: error))")
            return begin.duration(to: .now)
        }
        #expect(taken < .seconds(1))
        await transport.shutdown()
    }

    @Test(
        "a server that never answers costs no more than the deadline", arguments: WireProtocol.allCases, [1, 20, 200])
    func deadline(_ wire: WireProtocol, milliseconds: Int) async throws {
        let server = try silentServer()
        defer { server.stop() }
        let limit = Duration.milliseconds(milliseconds + 50)
        let taken = try await shortest(of: 20, endingUnder: limit) {
            // One of its own each time: the connect time-out of 2 s runs on from call to call.
            let transport = try wire.transport(port: server.port)
            let begin = ContinuousClock.now
            let error = await inferError(transport, within: .milliseconds(milliseconds))
            #expect(error == .deadlineExceeded)
            let taken = begin.duration(to: .now)
            #expect(taken >= .milliseconds(milliseconds))
            await transport.shutdown()
            return taken
        }
        #expect(taken < limit)
    }

    @Test("a deadline in the past is exceeded without a connection", arguments: WireProtocol.allCases)
    func pastDeadline(_ wire: WireProtocol) async throws {
        let server = try silentServer()
        defer { server.stop() }
        let transport = try wire.transport(port: server.port)
        #expect(await inferError(transport, within: .seconds(-1)) == .deadlineExceeded)
        #expect(await inferError(transport, within: .zero) == .deadlineExceeded)
        #expect(server.acceptedCount == 0)
        await transport.shutdown()
    }

    @Test("a cancelled task ends at once with 'cancelled'", arguments: WireProtocol.allCases)
    func cancellation(_ wire: WireProtocol) async throws {
        let server = try silentServer()
        defer { server.stop() }
        let taken = try await shortest(of: 10, endingUnder: .milliseconds(50)) {
            let transport = try wire.transport(port: server.port)
            let call = Task { await inferError(transport) }
            try await Task.sleep(for: .milliseconds(20))
            let begin = ContinuousClock.now
            call.cancel()
            #expect(await call.value == .cancelled)
            let taken = begin.duration(to: .now)
            await transport.shutdown()
            return taken
        }
        #expect(taken < .milliseconds(50))

        let transport = try wire.transport(port: server.port)
        let cancelledBefore = Task {
            while !Task.isCancelled { await Task.yield() }
            return await inferError(transport)
        }
        cancelledBefore.cancel()
        #expect(await cancelledBefore.value == .cancelled)
        await transport.shutdown()
    }

    @Test("shutdown ends the calls in flight, and every later call, with 'shut down'", arguments: WireProtocol.allCases)
    func shutdown(_ wire: WireProtocol) async throws {
        let server = try silentServer()
        defer { server.stop() }
        let transport = try wire.transport(port: server.port)
        let errors = await withTaskGroup(of: TritonError?.self) { group in
            for _ in 0..<20 { group.addTask { await inferError(transport) } }
            try? await Task.sleep(for: .milliseconds(100))
            await transport.shutdown()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(errors == [TritonError?](repeating: .shutDown, count: 20))
        #expect(await inferError(transport) == .shutDown)
        await transport.shutdown()
    }

    @Test("a transport that never made a call shuts down", arguments: WireProtocol.allCases)
    func idleShutdown(_ wire: WireProtocol) async throws {
        let transport = try wire.transport(port: 1)
        async let first: Void = transport.shutdown()
        async let second: Void = transport.shutdown()
        _ = await (first, second)
    }

    @Test(
        "a peer that hangs up at once or talks nonsense gives an error, never a result",
        arguments: WireProtocol.allCases, ["reset", "close", "nonsense"])
    func rudePeer(_ wire: WireProtocol, manner: String) async throws {
        let server = try LoopbackServer { connection in
            switch manner {
            case "reset": connection.reset()
            case "close": break
            default: connection.send([UInt8](repeating: 0xA5, count: 4096))
            }
        }
        defer { server.stop() }
        let transport = try wire.transport(port: server.port)
        let error = await inferError(transport, within: .seconds(5))
        switch error {
        case .unreachable, .connectionLost, .invalidResponse: break
        default: Issue.record("\(String(describing: error))")
        }
        await transport.shutdown()
    }

    @Test("a request that cannot be sent as it is never reaches the wire", arguments: WireProtocol.allCases)
    func invalidRequests(_ wire: WireProtocol) async throws {
        let server = try silentServer()
        defer { server.stop() }
        let transport = try wire.transport(port: server.port)
        let right = Self.request
        let spoilt: [(inout InferRequest) -> Void] = [
            { $0.model = "" }, { $0.model = "../m" }, { $0.model = ".." }, { $0.model = "a/b" }, { $0.model = "a?b" },
            { $0.model = "a\r\nb" }, { $0.model = "é" }, { $0.version = "" }, { $0.version = "1/2" },
            { $0.inputs = [] },
            { $0.inputs[0].name = "" }, { $0.inputs[0].bytes = [1] }, { $0.inputs[0].shape = [-1] },
            { $0.inputs[0].shape = [.max, .max] }, { $0.inputs[0].shape = [2] }, { $0.inputs[0].datatype = .fp64 },
            { $0.inputs[0] = Tensor(name: "x", datatype: .bytes, shape: [1], bytes: [2, 0, 0, 0, 65]) },
            { $0.inputs.append($0.inputs[0]) }, { $0.outputs = [""] }, { $0.outputs = ["a", "a"] },
        ]
        for (index, spoil) in spoilt.enumerated() {
            var request = right
            spoil(&request)
            let sent = request
            let error = await tritonError { () throws(TritonError) in
                try await transport.infer(sent, deadline: .generous)
            }
            #expect(error?.isInvalidRequest == true, "\(index): \(String(describing: error))")
        }
        #expect(server.acceptedCount == 0)
        await transport.shutdown()
    }
}
