import TestSupport
import Testing
import TritonClient

/// One suite for both transports, against a real Triton. One test at a time: requests that Triton batches together may
/// differ in the last bits from the same requests alone, and the tests compare bytes.
@Suite("Live Triton", .serialized)
struct LiveTritonTests {
    // MARK: Health and metadata

    @Test("the server is live and ready", arguments: WireProtocol.allCases)
    func health(_ wire: WireProtocol) async throws {
        try await LiveTriton.with(wire) { transport async throws in
            #expect(try await transport.isServerLive(deadline: .generous))
            #expect(try await transport.isServerReady(deadline: .generous))
        }
    }

    @Test(
        "each model is ready, with and without its version; unknown models and versions are not",
        arguments: WireProtocol.allCases)
    func modelReady(_ wire: WireProtocol) async throws {
        try await LiveTriton.with(wire) { transport async throws in
            for model in ModelCase.all.map(\.model) {
                #expect(try await transport.isModelReady(model, version: nil, deadline: .generous))
                #expect(try await transport.isModelReady(model, version: "1", deadline: .generous))
                #expect(try await !transport.isModelReady(model, version: "999", deadline: .generous))
            }
            #expect(try await !transport.isModelReady("no_such_model", version: nil, deadline: .generous))
        }
    }

    @Test("server metadata names Triton and the binary extension", arguments: WireProtocol.allCases)
    func serverMetadata(_ wire: WireProtocol) async throws {
        try await LiveTriton.with(wire) { transport async throws in
            let metadata = try await transport.serverMetadata(deadline: .generous)
            #expect(metadata.name == "triton")
            #expect(metadata.version.hasPrefix("2."))
            #expect(metadata.extensions.contains("binary_tensor_data"))
        }
    }

    @Test("model metadata and configuration are those of the repository", arguments: WireProtocol.allCases)
    func modelMetadata(_ wire: WireProtocol) async throws {
        try await LiveTriton.with(wire) { transport async throws in
            for expected in ModelCase.all {
                let metadata = try await transport.modelMetadata(expected.model, version: nil, deadline: .generous)
                #expect(metadata.name == expected.model)
                #expect(metadata.versions.contains("1"))
                #expect(metadata.outputs.map(\.name) == expected.outputs.map(\.name))
                #expect(metadata.outputs.map(\.datatype) == expected.outputs.map(\.datatype.rawValue))
                #expect(metadata.outputs.allSatisfy { $0.shape.first == -1 })
                let configuration = try await transport.modelConfiguration(
                    expected.model, version: nil, deadline: .generous)
                #expect(configuration.name == expected.model)
                #expect(configuration.backend == "onnxruntime")
                #expect(configuration.maxBatchSize > 0)
            }
            let ebm = try await transport.modelConfiguration("ebm", version: "1", deadline: .generous)
            #expect(ebm.parameters["feature_schema_hash"] != nil || ebm.parameters["intercept"] != nil)
        }
    }

    @Test("both transports tell the same of the server and its models")
    func sameMetadata() async throws {
        try await LiveTriton.with(.http) { http async throws in
            try await LiveTriton.with(.grpc) { grpc async throws in
                let server = try await http.serverMetadata(deadline: .generous)
                #expect(try await grpc.serverMetadata(deadline: .generous) == server)
                for model in ModelCase.all.map(\.model) {
                    let metadata = try await http.modelMetadata(model, version: nil, deadline: .generous)
                    #expect(try await grpc.modelMetadata(model, version: nil, deadline: .generous) == metadata)
                    let configuration = try await http.modelConfiguration(model, version: nil, deadline: .generous)
                    #expect(
                        try await grpc.modelConfiguration(model, version: nil, deadline: .generous) == configuration)
                }
            }
        }
    }

    @Test("an unknown model is 'not found' wherever it is named", arguments: WireProtocol.allCases)
    func unknownModel(_ wire: WireProtocol) async throws {
        try await LiveTriton.with(wire) { transport async throws in
            var request = try await ModelCase.ebm.request(rows: 1, over: transport)
            request.model = "no_such_model"
            let sent = request
            let errors = [
                await tritonError { () throws(TritonError) in
                    try await transport.modelMetadata("no_such_model", version: nil, deadline: .generous)
                },
                await tritonError { () throws(TritonError) in
                    try await transport.modelConfiguration("no_such_model", version: nil, deadline: .generous)
                },
                await tritonError { () throws(TritonError) in try await transport.infer(sent, deadline: .generous) },
            ]
            for error in errors {
                guard case .server(.notFound, let message) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(message.contains("no_such_model"))
            }
        }
    }

    // MARK: Inference

    @Test("outputs are byte for byte those of tritonclient", arguments: WireProtocol.allCases, ModelCase.all)
    func sameAsReference(_ wire: WireProtocol, _ expected: ModelCase) async throws {
        try await LiveTriton.with(wire) { transport async throws in
            let request = try await expected.request(rows: 3, id: "reference-1", over: transport)
            let response = try await transport.infer(request, deadline: .generous)
            #expect(response.model == expected.model)
            #expect(response.version == "1")
            #expect(response.id == "reference-1")
            let reference = try ReferenceClient.infer(request, over: wire)
            #expect(response.outputs.sorted { $0.name < $1.name } == reference.sorted { $0.name < $1.name })
            #expect(response.outputs.allSatisfy { $0.shape.first == 3 })
        }
    }

    @Test("HTTP and gRPC give the same bytes", arguments: ModelCase.all)
    func sameBytes(_ expected: ModelCase) async throws {
        try await LiveTriton.with(.http) { http async throws in
            try await LiveTriton.with(.grpc) { grpc async throws in
                for rows in [1, 2, 8] {
                    let request = try await expected.request(rows: rows, id: "both-\(rows)", over: http)
                    let overHTTP = try await http.infer(request, deadline: .generous)
                    let overGRPC = try await grpc.infer(request, deadline: .generous)
                    #expect(overHTTP.version == overGRPC.version)
                    #expect(overHTTP.id == overGRPC.id)
                    for (name, _) in expected.outputs {
                        let output = try #require(overHTTP.output(name))
                        #expect(overGRPC.output(name) == output)
                    }
                }
            }
        }
    }

    @Test("naming no outputs gives all, naming one gives that one", arguments: WireProtocol.allCases)
    func requestedOutputs(_ wire: WireProtocol) async throws {
        try await LiveTriton.with(wire) { transport async throws in
            var request = try await ModelCase.ebm.request(rows: 2, over: transport)
            request.outputs = []
            let all = try await transport.infer(request, deadline: .generous)
            #expect(Set(all.outputs.map(\.name)) == ["logit", "scores"])
            request.outputs = ["scores"]
            let one = try await transport.infer(request, deadline: .generous)
            #expect(one.outputs == [try #require(all.output("scores"))])
            #expect(one.id.isEmpty)
        }
    }

    @Test("what Triton refuses comes back as its own error, in its own words", arguments: WireProtocol.allCases)
    func refusedRequests(_ wire: WireProtocol) async throws {
        try await LiveTriton.with(wire) { transport async throws in
            let right = try await ModelCase.ebm.request(rows: 1, over: transport)
            let spoilt: [(String, @Sendable (inout InferRequest) -> Void)] = [
                ("wrong_input", { $0.inputs[0].name = "wrong_input" }),
                (
                    "features",
                    {
                        $0.inputs[0] = Tensor(
                            name: "features", datatype: .fp64, shape: [1, 1], bytes: Array($0.inputs[0].bytes.prefix(8))
                        )
                    }
                ),
                ("features", { $0.inputs[0].datatype = .int64 }),
                ("wrong_output", { $0.outputs = ["wrong_output"] }),
            ]
            for (word, spoil) in spoilt {
                var request = right
                spoil(&request)
                let sent = request
                let error = await tritonError { () throws(TritonError) in
                    try await transport.infer(sent, deadline: .generous)
                }
                guard case .server(.invalidArgument, let message) = error else {
                    Issue.record("\(word): \(String(describing: error))")
                    continue
                }
                #expect(message.contains(word))
            }
            // The connection is as good as before.
            _ = try await transport.infer(right, deadline: .generous)
        }
    }

    @Test("many calls at once each get their own rows", arguments: WireProtocol.allCases)
    func concurrent(_ wire: WireProtocol) async throws {
        try await LiveTriton.with(wire) { transport async throws in
            let requests = try await [1, 2, 3, 4].asyncMap { rows in
                try await ModelCase.ebm.request(rows: rows, id: "rows-\(rows)", over: transport)
            }
            let alone = try await requests.asyncMap { try await transport.infer($0, deadline: .generous) }
            try await withThrowingTaskGroup(of: (Int, InferResponse).self) { group in
                for call in 0..<100 {
                    group.addTask {
                        (call % 4, try await transport.infer(requests[call % 4], deadline: .generous))
                    }
                }
                // The EBM adds table entries up, row by row: batching cannot change a bit.
                for try await (index, response) in group { #expect(response == alone[index]) }
            }
        }
    }

    // MARK: Deadline, cancellation, shutdown

    @Test("a deadline of 1 ms is 1 ms, and the next call works", arguments: WireProtocol.allCases)
    func deadline(_ wire: WireProtocol) async throws {
        try await LiveTriton.with(wire) { transport async throws in
            let request = try await ModelCase.sentenceEncoder.request(rows: 8, over: transport)
            _ = try await transport.infer(request, deadline: .generous)
            let taken = try await shortest(of: 20, endingUnder: .milliseconds(20)) {
                let begin = ContinuousClock.now
                let error = await tritonError { () throws(TritonError) in
                    try await transport.infer(request, deadline: .now + .milliseconds(1))
                }
                let taken = begin.duration(to: .now)
                // On a machine that is held up, the answer may be there before anybody looks at the clock.
                guard error != nil else { return .seconds(1) }
                #expect(error == .deadlineExceeded)
                #expect(taken >= .milliseconds(1))
                return taken
            }
            #expect(taken < .milliseconds(20))
            _ = try await transport.infer(request, deadline: .generous)
        }
    }

    @Test("a deadline in the past is exceeded at once", arguments: WireProtocol.allCases)
    func pastDeadline(_ wire: WireProtocol) async throws {
        try await LiveTriton.with(wire) { transport async throws in
            let error = await tritonError { () throws(TritonError) in
                try await transport.isServerLive(deadline: .now - .milliseconds(1))
            }
            #expect(error == .deadlineExceeded)
        }
    }

    @Test("a cancelled task ends at once, and the next call works", arguments: WireProtocol.allCases)
    func cancellation(_ wire: WireProtocol) async throws {
        try await LiveTriton.with(wire) { transport async throws in
            let request = try await ModelCase.sentenceEncoder.request(rows: 8, over: transport)
            let taken = try await shortest(of: 20, endingUnder: .milliseconds(10)) {
                let call = Task {
                    await tritonError { () throws(TritonError) in
                        try await transport.infer(request, deadline: .generous)
                    }
                }
                try await Task.sleep(for: .milliseconds(5))
                let begin = ContinuousClock.now
                call.cancel()
                let error = await call.value
                // On a machine that is held up, the answer may come before the cancellation.
                guard error != nil else { return .seconds(1) }
                #expect(error == .cancelled)
                return begin.duration(to: .now)
            }
            #expect(taken < .milliseconds(10))
            _ = try await transport.infer(request, deadline: .generous)
        }
    }

    @Test("shutdown ends calls in flight", arguments: WireProtocol.allCases)
    func shutdown(_ wire: WireProtocol) async throws {
        let transport = try makeTransport(url: LiveTriton.url(wire))
        let request = try await ModelCase.sentenceEncoder.request(rows: 8, over: transport)
        let errors = await withTaskGroup(of: TritonError?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    await tritonError { () throws(TritonError) in
                        try await transport.infer(request, deadline: .generous)
                    }
                }
            }
            try? await Task.sleep(for: .milliseconds(10))
            await transport.shutdown()
            return await group.reduce(into: []) { $0.append($1) }
        }
        // Some may have been answered before.
        #expect(errors.allSatisfy { $0 == nil || $0 == .shutDown }, "\(errors)")
        #expect(errors.contains(.shutDown))
        let late = await tritonError { () throws(TritonError) in try await transport.isServerLive(deadline: .generous) }
        #expect(late == .shutDown)
    }
}

extension Array {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
