import Foundation
import Synchronization
import TestSupport
import Testing

@testable import TritonClient

/// What the HTTP transport puts on the wire, and when it opens and closes connections.
@Suite("HTTP on the wire")
struct HTTPWireTests {
    /// Answers every request of every connection rightly and keeps what came.
    private final class Recorder: Sendable {
        private let requests = Mutex<[ReceivedRequest]>([])

        var received: [ReceivedRequest] { requests.withLock { $0 } }

        func serve(_ connection: LoopbackConnection, closingAfter limit: Int = .max) {
            for _ in 0..<limit {
                guard let request = connection.readRequest() else { return }
                requests.withLock { $0.append(request) }
                connection.reply(json: HTTPFaultTests.json, tensors: HTTPFaultTests.tensor)
            }
        }
    }

    @Test("an inference is one plain HTTP/1.1 POST with nothing to wait for")
    func headers() async throws {
        let recorder = Recorder()
        let server = try LoopbackServer { recorder.serve($0) }
        defer { server.stop() }
        let transport = try WireProtocol.http.transport(port: server.port)
        var request = HTTPFaultTests.request
        request.version = "1"
        // Above 1 MB libcurl would ask '100-continue' first.
        request.inputs[0].shape = [500_000]
        request.inputs[0].bytes = [UInt8](repeating: 1, count: 2_000_000)
        let response = try await transport.infer(request, deadline: .generous)
        #expect(response.output("y")?.bytes == HTTPFaultTests.tensor)

        let received = try #require(recorder.received.first)
        let (body, jsonLength) = InferBody.encode(request)
        #expect(received.head.hasPrefix("POST /v2/models/m/versions/1/infer HTTP/1.1\r\n"))
        #expect(received.body == body)
        #expect(received.header("Inference-Header-Content-Length") == "\(jsonLength)")
        #expect(received.header("Content-Type") == "application/octet-stream")
        #expect(received.header("Host") == "127.0.0.1:\(server.port)")
        for absent in ["Expect", "Accept-Encoding", "Transfer-Encoding", "Upgrade", "Authorization", "Cookie"] {
            #expect(received.header(absent) == nil)
        }
        await transport.shutdown()
    }

    @Test("calls one after the other share a connection")
    func reuse() async throws {
        let recorder = Recorder()
        let server = try LoopbackServer { recorder.serve($0) }
        defer { server.stop() }
        let transport = try WireProtocol.http.transport(port: server.port)
        for _ in 0..<20 { _ = try await transport.infer(HTTPFaultTests.request, deadline: .generous) }
        #expect(recorder.received.count == 20)
        #expect(server.acceptedCount == 1)
        await transport.shutdown()
    }

    @Test("a connection that the server closed between calls is replaced without an error")
    func staleConnection() async throws {
        let recorder = Recorder()
        let server = try LoopbackServer { recorder.serve($0, closingAfter: 1) }
        defer { server.stop() }
        let transport = try WireProtocol.http.transport(port: server.port)
        for _ in 0..<10 { _ = try await transport.infer(HTTPFaultTests.request, deadline: .generous) }
        #expect(recorder.received.count == 10)
        await transport.shutdown()
    }

    @Test("many calls at once each get an answer")
    func concurrent() async throws {
        let recorder = Recorder()
        let server = try LoopbackServer { recorder.serve($0) }
        defer { server.stop() }
        let transport = try WireProtocol.http.transport(port: server.port)
        let answers = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    await tritonError { () throws(TritonError) in
                        try await transport.infer(HTTPFaultTests.request, deadline: .generous)
                    } == nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(answers == 200)
        await transport.shutdown()
    }

    enum GivingUp: String, CaseIterable, Sendable {
        case cancellation, deadline, shutdown
    }

    @Test("a call that is given up closes its connection", arguments: GivingUp.allCases)
    func closesConnection(_ how: GivingUp) async throws {
        enum Event { case requestRead, peerClosed, peerStayed }
        // On a busy machine the deadline may come before the request is out: then once more, with a later one.
        for wait in [Duration.milliseconds(200), .seconds(2), .seconds(10)] {
            let (events, continuation) = AsyncStream.makeStream(of: Event.self)
            let server = try LoopbackServer { connection in
                if connection.readRequest() != nil { continuation.yield(.requestRead) }
                continuation.yield(connection.waitUntilPeerCloses() ? .peerClosed : .peerStayed)
            }
            defer { server.stop() }
            let transport = try WireProtocol.http.transport(port: server.port)
            let deadline = ContinuousClock.now + (how == .deadline ? wait : .seconds(60))
            let call = Task {
                await tritonError { () throws(TritonError) in
                    try await transport.infer(HTTPFaultTests.request, deadline: deadline)
                }
            }
            var iterator = events.makeAsyncIterator()
            if how != .deadline { #expect(await iterator.next() == .requestRead) }
            if how == .cancellation { call.cancel() }
            if how == .shutdown { await transport.shutdown() }
            let expected: [GivingUp: TritonError] = [
                .cancellation: .cancelled, .deadline: .deadlineExceeded, .shutdown: .shutDown,
            ]
            #expect(await call.value == expected[how])
            if how == .deadline {
                guard server.acceptedCount > 0, await iterator.next() == .requestRead else { continue }
            }
            #expect(await iterator.next() == .peerClosed)
            await transport.shutdown()
            return
        }
        Issue.record("no request reached the server within its deadline")
    }

    @Test("a reply that drips is bounded by the deadline, body included")
    func drip() async throws {
        let server = try LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            connection.drip([UInt8](repeating: 0x20, count: 1000), pauseSeconds: 0.02)
        }
        defer { server.stop() }
        let transport = try WireProtocol.http.transport(port: server.port)
        let taken = try await shortest(of: 10, endingUnder: .milliseconds(350)) {
            let begin = ContinuousClock.now
            let error = await tritonError { () throws(TritonError) in
                try await transport.infer(HTTPFaultTests.request, deadline: begin + .milliseconds(300))
            }
            #expect(error == .deadlineExceeded)
            return begin.duration(to: .now)
        }
        #expect(taken < .milliseconds(350))
        await transport.shutdown()
    }

    @Test("after a lost connection the next call works")
    func recovery() async throws {
        let recorder = Recorder()
        let isFirst = Mutex(true)
        let server = try LoopbackServer { connection in
            let resets = isFirst.withLock { first in
                defer { first = false }
                return first
            }
            if resets {
                _ = connection.readRequest()
                connection.reset()
            } else {
                recorder.serve(connection)
            }
        }
        defer { server.stop() }
        let transport = try WireProtocol.http.transport(port: server.port)
        let error = await tritonError { () throws(TritonError) in
            try await transport.infer(HTTPFaultTests.request, deadline: .generous)
        }
        #expect(error?.isConnectionLost == true, "\(String(describing: error))")
        _ = try await transport.infer(HTTPFaultTests.request, deadline: .generous)
        await transport.shutdown()
    }

    @Test("a stalled call does not hold up the others")
    func independence() async throws {
        let recorder = Recorder()
        let server = try LoopbackServer { connection in
            guard let request = connection.readRequest() else { return }
            if request.head.contains("/stalls/") {
                connection.waitUntilPeerCloses()
            } else {
                connection.reply(json: HTTPFaultTests.json, tensors: HTTPFaultTests.tensor)
                recorder.serve(connection)
            }
        }
        defer { server.stop() }
        let transport = try WireProtocol.http.transport(port: server.port)
        var stalling = HTTPFaultTests.request
        stalling.model = "stalls"
        let stalled = Task { [stalling] in
            await tritonError { () throws(TritonError) in
                try await transport.infer(stalling, deadline: .now + .seconds(3600))
            }
        }
        try await Task.sleep(for: .milliseconds(50))
        for _ in 0..<20 { _ = try await transport.infer(HTTPFaultTests.request, deadline: .generous) }
        await transport.shutdown()
        #expect(await stalled.value == .shutDown)
    }

    @Test("health is true for 200, false for what Triton says when it is not ready, and an error for anything else")
    func health() async throws {
        for (status, ready) in [("200 OK", true), ("400 Bad Request", false), ("503 Unavailable", false)] {
            let server = try LoopbackServer { connection in
                guard connection.readRequest() != nil else { return }
                connection.reply(status)
            }
            defer { server.stop() }
            let transport = try WireProtocol.http.transport(port: server.port)
            #expect(try await transport.isServerReady(deadline: .generous) == ready)
            #expect(try await transport.isModelReady("m", version: "1", deadline: .generous) == ready)
            await transport.shutdown()
        }
        let server = try LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.reply("403 Forbidden")
        }
        defer { server.stop() }
        let transport = try WireProtocol.http.transport(port: server.port)
        let error = await tritonError { () throws(TritonError) in try await transport.isServerLive(deadline: .generous)
        }
        #expect(error == .server(.denied, message: "HTTP status 403"))
        await transport.shutdown()
    }
}
