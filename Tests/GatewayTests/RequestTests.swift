import Testing
import TritonClient

@testable import Gateway

@Suite struct `A request body` {
    private func text(_ json: String, strict: Bool = true) throws(GatewayError) -> String {
        try TextRequest(refusesUnknownFields: strict, maxBodyBytes: 1000).text(in: Array(json.utf8))
    }

    private func code(_ json: String, strict: Bool = true) -> GatewayError.Code? {
        do {
            _ = try text(json, strict: strict)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `gives its text`() throws {
        #expect(try text(#"{"text": "An essay."}"#) == "An essay.")
    }

    @Test(arguments: [
        ("", GatewayError.Code.malformedJSON), ("hello", .malformedJSON), ("{}", .missingText),
        (#"{"text": null}"#, .invalidText), (#"{"text": 7}"#, .invalidText), (#"{"text": ["a"]}"#, .invalidText),
        (#"{"text": "a", "secret": 1}"#, .unknownField), (#"{"Text": "a"}"#, .unknownField),
    ])
    func `is refused with the code that says why`(json: String, expected: GatewayError.Code) {
        #expect(code(json) == expected)
    }

    @Test func `of the original system's clients may have other fields`() throws {
        #expect(try text(#"{"text": "a", "user": {"id": 1}}"#, strict: false) == "a")
    }

    @Test func `errors never repeat what was sent`() {
        for json in [#"{"canary": 1}"#, #"{"text": canary}"#, "canary"] {
            do {
                _ = try text(json)
                Issue.record("accepted")
            } catch {
                #expect(!error.message.contains("canary"))
            }
        }
    }
}

@Suite struct `A request id` {
    @Test(arguments: ["a", "0123-x_Y.z", String(repeating: "a", count: 64)])
    func `is kept when harmless`(id: String) {
        #expect(RequestID.accept(id) == id)
    }

    @Test(arguments: [nil, "", "a b", "a\r\nX: y", "é", String(repeating: "a", count: 65), "a/b"])
    func `is replaced otherwise`(id: String?) {
        let made = RequestID.accept(id)
        #expect(made != id)
        #expect(made.utf8.count == 16)
        #expect(RequestID.accept(made) == made)
    }
}

@Suite struct `Admission of requests` {
    @Test func `refuses at once what is over the limit, and lets in again afterwards`() async throws {
        let admission = Admission(limit: 2)
        let (gate, opener) = AsyncStream<Void>.makeStream()
        let (entered, enter) = AsyncStream<Void>.makeStream()
        let holders = (0..<2).map { _ in
            Task {
                try await admission.admitted {
                    enter.yield()
                    for await _ in gate {}
                }
            }
        }
        var arrivals = entered.makeAsyncIterator()
        await arrivals.next()
        await arrivals.next()
        let error = await #expect(throws: GatewayError.self) { try await admission.admitted {} }
        #expect(error?.code == .overloaded)
        #expect(error?.retryAfter != nil)
        opener.finish()
        for holder in holders { _ = await holder.result }
        try await admission.admitted {}
    }

    @Test func `gives the place back when the work fails`() async throws {
        let admission = Admission(limit: 1)
        for _ in 0..<3 {
            await #expect(throws: CancellationError.self) { try await admission.admitted { throw CancellationError() } }
        }
        try await admission.admitted {}
    }
}

@Suite struct `A client's presence` {
    @Test func `its leaving cancels the work`() async throws {
        let presence = ClientPresence()
        let (started, start) = AsyncStream<Void>.makeStream()
        let work = Task {
            try await presence.whilePresent {
                start.yield()
                try await Task.sleep(for: .seconds(60))
            }
        }
        for await _ in started { break }
        presence.clientLeft()
        await #expect(throws: CancellationError.self) { try await work.value }
    }

    @Test func `work for a client that has left is cancelled from the start`() async throws {
        let presence = ClientPresence()
        presence.clientLeft()
        await #expect(throws: CancellationError.self) {
            try await presence.whilePresent { try await Task.sleep(for: .seconds(60)) }
        }
    }

    @Test func `the caller's own cancellation reaches the work`() async throws {
        let presence = ClientPresence()
        let work = Task { try await presence.whilePresent { try await Task.sleep(for: .seconds(60)) } }
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
    }

    @Test func `finished work is not touched by a later leaving`() async throws {
        let presence = ClientPresence()
        let value = try await presence.whilePresent { 7 }
        presence.clientLeft()
        #expect(value == 7)
    }
}

@Suite struct `Error codes` {
    @Test(arguments: GatewayError.Code.allCases) func `have a status that is an error`(code: GatewayError.Code) {
        #expect((400..<600).contains(code.status))
    }

    @Test func `a failed call to Triton is told as what it means`() {
        #expect(GatewayError(.unreachable("x"), model: "m").code.status == 503)
        #expect(GatewayError(.unreachable("x"), model: "m").retryAfter != nil)
        #expect(GatewayError(.connectionLost("x"), model: "m").code.status == 503)
        #expect(GatewayError(.deadlineExceeded, model: "m").code.status == 504)
        #expect(GatewayError(.invalidResponse("x"), model: "m").code.status == 502)
        #expect(GatewayError(.server(.invalidArgument, message: "secret"), model: "m").code.status == 502)
        #expect(!GatewayError(.server(.invalidArgument, message: "secret"), model: "m").message.contains("secret"))
        #expect(GatewayError(.server(.unavailable, message: ""), model: "m").code.status == 503)
        #expect(GatewayError(.shutDown, model: "m").code == .shuttingDown)
    }
}
