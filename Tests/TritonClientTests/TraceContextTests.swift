import Foundation
import Synchronization
import TestSupport
import Testing

@testable import TritonClient

/// A request's place in a trace, as a server sees it.
@Suite("Trace context on the wire")
struct TraceContextTests {
    private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    /// One inference over HTTP; gives the head that the server read.
    private func received(trace: String?) async throws -> ReceivedRequest {
        let requests = Mutex<[ReceivedRequest]>([])
        let server = try LoopbackServer { connection in
            guard let request = connection.readRequest() else { return }
            requests.withLock { $0.append(request) }
            connection.reply(json: HTTPFaultTests.json, tensors: HTTPFaultTests.tensor)
        }
        defer { server.stop() }
        let transport = try WireProtocol.http.transport(port: server.port)
        var request = HTTPFaultTests.request
        request.traceParent = trace
        _ = try await transport.infer(request, deadline: .generous)
        await transport.shutdown()
        return try #require(requests.withLock { $0.first })
    }

    /// Likewise over gRPC.
    private func receivedCall(trace: String?) async throws -> ReceivedCall {
        let calls = Mutex<[ReceivedCall]>([])
        let server = try GRPCFaultTests.server { server, call, _ in
            calls.withLock { $0.append(call) }
            server.reply(GRPCFaultTests.right, to: call)
        }
        defer { server.stop() }
        let transport = try WireProtocol.grpc.transport(port: server.port)
        var request = GRPCFaultTests.request
        request.traceParent = trace
        _ = try await transport.infer(request, deadline: .generous)
        await transport.shutdown()
        return try #require(calls.withLock { $0.first })
    }

    @Test("it is the header traceparent over HTTP")
    func overHTTP() async throws {
        #expect(try await received(trace: Self.trace).header("traceparent") == Self.trace)
        #expect(try await received(trace: nil).header("traceparent") == nil)
    }

    @Test("it is the metadata traceparent over gRPC")
    func overGRPC() async throws {
        let call = try await receivedCall(trace: Self.trace)
        #expect(call.headersContain("traceparent"))
        #expect(call.headersContain(Self.trace))
        #expect(try await receivedCall(trace: nil).headersContain("traceparent") == false)
    }

    @Test(
        "what would be another header is refused before anything is sent", arguments: WireProtocol.allCases,
        [
            "", "00", trace + "0", trace.uppercased(), trace.dropLast() + "\r", trace.dropLast(2) + "\r\n",
            trace.dropLast(2) + "\u{e9}",
        ])
    func refused(_ wire: WireProtocol, trace: String) async throws {
        let transport = try wire.transport(port: LoopbackServer.unusedPort())
        var request = HTTPFaultTests.request
        request.traceParent = trace
        let error = await tritonError { () throws(TritonError) in
            try await transport.infer(request, deadline: .generous)
        }
        guard case .invalidRequest = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        await transport.shutdown()
    }
}
