import Features
import Foundation
import Logging
import Testing
import TritonClient

@testable import Gateway

@Suite struct `The pipeline` {
    static let essay = String(
        repeating: "The committee met on a grey morning, and nobody had slept. They argued about money for an hour. ",
        count: 6)

    private let triton = FakeTriton()

    private func pipeline(limits: GatewayConfiguration.Limits = .init()) async -> ScorePipeline {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let catalog = ModelCatalog(transport: triton, scoring: Fixture.scoring, logger: logger)
        await catalog.refresh()
        return ScorePipeline(transport: triton, catalog: catalog, scoring: Fixture.scoring, limits: limits)
    }

    private func analyze(_ text: String = essay) async throws(GatewayError) -> Analysis {
        try await pipeline().analyze(text, requestID: "test", deadline: .now.advanced(by: .seconds(10)))
    }

    private func failure(_ text: String = essay) async -> GatewayError.Code? {
        do throws(GatewayError) {
            _ = try await analyze(text)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `stacks the logits of all models`() async throws {
        let analysis = try await analyze()
        let logits = Dictionary(uniqueKeysWithValues: analysis.scores.map { ($0.model, $0.logit) })
        #expect(logits == [.bertBiLSTM: 2, .bertClassifier: 1, .ngramClassifier: 1.5, .ebm: 0.875])
        #expect(abs(analysis.probability - sigmoid((2 + 1 + 1.5 + 0.875) / 4)) < 1e-12)
        #expect(analysis.missing.isEmpty)
    }

    @Test func `sends the EBM the completed feature vector in schema order`() async throws {
        let analysis = try await analyze()
        let request = try #require(triton.requests.last { $0.model == "ebm" })
        #expect(
            request.inputs == [.fp64("features", shape: [1, FeatureSchema.current.count], analysis.features.values)])
        #expect(
            triton.requests.firstIndex { $0.model == "ebm" } == triton.requests.count - 1, "the second wave is last")
    }

    @Test func `sends all sentences to the encoder in one request, each once`() async throws {
        _ = try await analyze()
        let requests = triton.requests.filter { $0.model == "sentence_encoder" }
        #expect(requests.count == 1)
        let lengths = try integers(#require(requests.first).inputs[1].bytes)
        #expect(lengths.count { $0 > 0 } == 12)
    }

    @Test func `no request carries more rows than the model takes, nor a token twice without need`() async throws {
        let long = String(repeating: Self.essay, count: 40)
        let analysis = try await analyze(long)
        let requests = triton.requests.filter { $0.model == "bert_bilstm" }
        #expect(requests.count > 1)
        #expect(requests.allSatisfy { $0.inputs[0].shape[0] <= 8 && $0.inputs[0].shape[1] <= 256 })
        #expect(analysis.passages.count == requests.map { $0.inputs[0].shape[0] }.reduce(0, +))
    }

    @Test func `passages cover the text as posted, in order, on scalar boundaries`() async throws {
        let text =
            "\u{FEFF}# Títle\r\n\r\n" + String(repeating: Self.essay + "naïve 😀 **bold**\r\n", count: 8) + "\u{200B}"
        let passages = try await analyze(text).passages
        let bytes = Array(text.utf8)
        #expect(passages.count > 2)
        for (passage, next) in zip(passages, passages.dropFirst()) {
            #expect(passage.range.lowerBound < next.range.lowerBound)
            #expect(next.range.lowerBound <= passage.range.upperBound, "a gap")
        }
        for passage in passages {
            #expect(String(validating: bytes[passage.range], as: UTF8.self) != nil)
        }
    }

    // MARK: abstention

    @Test func `49 words are too few to judge, 50 are not`() async throws {
        func words(_ count: Int) -> String {
            (0..<count).map { ["the", "quick", "fox", "jumped", "over", "it", "and", "was", "gone"][$0 % 9] }
                .joined(separator: " ") + "."
        }
        let short = try await analyze(words(49))
        #expect(short.verdict == .uncertain)
        #expect(short.reasons.contains(.tooShort(words: 49)))
        let enough = try await analyze(words(50))
        #expect(!enough.reasons.contains { if case .tooShort = $0 { true } else { false } })
    }

    @Test func `a text that is not English is not judged`() async throws {
        let german = String(
            repeating: "Der Hund lief durch den Wald und suchte seinen Herrn, der ihn am Morgen verlassen hatte. ",
            count: 8)
        let analysis = try await analyze(german)
        #expect(analysis.verdict == .uncertain)
        #expect(analysis.reasons.contains(.notEnglish))
    }

    @Test func `one giant word is unknown to the models`() async throws {
        let analysis = try await analyze(String(repeating: "x", count: 200_000))
        #expect(analysis.verdict == .uncertain)
        #expect(analysis.reasons.contains(.unknownTokens(share: 1)))
    }

    @Test(arguments: ["", "   \n\t ", "\u{200B}\u{FEFF}", "<p></p>"])
    func `a text with nothing in it is refused`(text: String) async {
        #expect(await failure(text) == .emptyText)
    }

    @Test func `a text over the limits is refused with its size, not cut`() async {
        var limits = GatewayConfiguration.Limits()
        limits.maxTokens = 64
        do throws(GatewayError) {
            _ = try await pipeline(limits: limits).analyze(
                Self.essay, requestID: "", deadline: .now.advanced(by: .seconds(5)))
            Issue.record("analysed")
        } catch {
            #expect(error.code == .textTooLong)
            #expect(error.message.contains("at most 64"))
        }
        #expect(triton.requests.isEmpty)
    }

    // MARK: faults

    @Test(arguments: ModelName.allCases)
    func `a model that is away is named, and the others' fit is used`(model: ModelName) async throws {
        triton.unload(model)
        let analysis = try await analyze()
        let away: Set<ModelName> = model == .sentenceEncoder ? [.sentenceEncoder, .ebm] : [model]
        #expect(Set(analysis.missing.map(\.model)) == away)
        #expect(
            Set(analysis.ensemble.models)
                == Set(ModelName.scorers).subtracting(away).reduce(into: Set()) { $0.insert($1.rawValue) })
    }

    @Test func `a model that goes away in mid-request is named too`() async throws {
        triton.fault { request throws(TritonError) in
            if request.model == "bert_classifier" { throw .connectionLost("reset") }
            return nil
        }
        let analysis = try await analyze()
        #expect(analysis.missing.map(\.model) == [.bertClassifier])
    }

    @Test func `when all go away there is no verdict but 503`() async {
        triton.fault { _ throws(TritonError) in throw .unreachable("refused") }
        #expect(await failure() == .upstreamUnavailable)
    }

    @Test func `when nothing was ready nothing is sent`() async {
        triton.setReachable(false)
        #expect(await failure() == .notReady)
        #expect(triton.requests.isEmpty)
    }

    @Test(arguments: [
        (TritonError.deadlineExceeded, GatewayError.Code.deadlineExceeded), (.cancelled, .clientGone),
        (.invalidResponse("x"), .upstreamInvalid), (.server(.invalidArgument, message: ""), .upstreamInvalid),
        (.server(.internalError, message: ""), .upstreamInvalid), (.shutDown, .shuttingDown),
    ])
    func `an error that is no absence fails the request`(error: TritonError, code: GatewayError.Code) async {
        triton.fault { request throws(TritonError) in
            if request.model == "bert_bilstm" { throw error }
            return nil
        }
        #expect(await failure() == code)
    }

    @Test(arguments: ["nan", "infinity", "shape", "type", "no output"])
    func `a value that cannot be right is 502, never a score`(spoiling: String) async {
        triton.fault { [triton] request throws(TritonError) in
            guard request.model == "bert_bilstm" else { return nil }
            var reply = triton.reply(to: request)
            switch spoiling {
            case "nan": reply.outputs[0].bytes.replaceSubrange(0..<4, with: [0, 0, 0xC0, 0x7F])
            case "infinity": reply.outputs[0].bytes.replaceSubrange(0..<4, with: [0, 0, 0x80, 0x7F])
            case "shape": reply.outputs[0] = .fp32("logits", [1, 2], [0, 0])
            case "type": reply.outputs[0].datatype = .int32
            default: reply.outputs = []
            }
            return reply
        }
        #expect(await failure(String(repeating: Self.essay, count: 4)) == .upstreamInvalid)
    }

    @Test func `EBM terms that do not add up to its logit are 502`() async {
        triton.fault { [triton] request throws(TritonError) in
            guard request.model == "ebm" else { return nil }
            var reply = triton.reply(to: request)
            reply.outputs[0] = .fp32("logit", [1, 1], [3])
            return reply
        }
        #expect(await failure() == .upstreamInvalid)
    }

    // MARK: concurrency

    /// The stack that this replaces kept features on a shared instance: essays swapped them under load.
    @Test func `essays analysed at once keep their own features`() async throws {
        let texts = (1...24).map { String(repeating: "Short words go here now, and then they stop. ", count: $0 + 8) }
        let pipeline = await pipeline()
        var alone: [[Double]] = []
        for text in texts {
            alone.append(
                try await pipeline.analyze(text, requestID: "", deadline: .now.advanced(by: .seconds(20))).features
                    .values)
        }
        let together = try await withThrowingTaskGroup(of: (Int, [Double]).self) { group in
            for (index, text) in texts.enumerated() {
                group.addTask {
                    let deadline = ContinuousClock.now.advanced(by: .seconds(20))
                    return (index, try await pipeline.analyze(text, requestID: "", deadline: deadline).features.values)
                }
            }
            return try await group.reduce(into: [Int: [Double]]()) { $0[$1.0] = $1.1 }
        }
        for index in texts.indices { #expect(together[index] == alone[index]) }
    }
}
