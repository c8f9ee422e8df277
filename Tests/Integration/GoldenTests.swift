import Foundation
import TestSupport
import Testing
import TritonClient

/// What torch and interpret compute with the shipped weights, by `python -m training.golden`.
private struct Golden: Decodable {
    /// A text's tokens, and what the models that read tokens say of them.
    struct Tokens: Decodable {
        var ids: [Int64]
        var embedding: [Float]
        var lstm: [Float]
        var classifier: [Float]
        var ngrams: [Float]

        enum CodingKeys: String, CodingKey {
            case embedding
            case ids = "input_ids"
            case lstm = "bert_bilstm"
            case classifier = "bert_classifier"
            case ngrams = "ngram_classifier"
        }
    }

    struct Additive: Decodable {
        var features: [Double]
        var logit: Float
        var scores: [Float]
    }

    /// Largest difference of any value, absolute: what other kernels round otherwise.
    var tolerance: Float
    var fitIDs: [String: String]
    var transformers: [Tokens]
    var ebm: [Additive]

    enum CodingKeys: String, CodingKey {
        case tolerance, transformers, ebm
        case fitIDs = "fit_ids"
    }

    static func load() throws -> Golden {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/golden_logits.json")
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    }
}

@Suite("Triton's answers beside torch's, scipy's and interpret's", .serialized)
struct GoldenTests {
    /// The values of an output, checked for their number.
    private func floats(_ response: InferResponse, _ name: String) throws -> [Float] {
        let tensor = try #require(response.output(name))
        #expect(tensor.datatype == .fp32)
        return stride(from: 0, to: tensor.bytes.count, by: 4).map { start in
            Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(tensor.bytes[start + $1]) << UInt32(8 * $1) })
        }
    }

    private func expect(_ found: [Float], near expected: [Float], within tolerance: Float, _ what: String) {
        #expect(found.count == expected.count)
        let largest = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
        #expect(largest <= tolerance, "\(what) is off by \(largest)")
    }

    private static func bytes<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
        values.flatMap { value in
            (0..<(Value.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
    }

    private static func row(_ name: String, _ values: [Int64]) -> Tensor {
        Tensor(name: name, datatype: .int64, shape: [1, values.count], bytes: bytes(values))
    }

    @Test("the server has the models that the golden values are of")
    func sameFits() async throws {
        let golden = try Golden.load()
        try await LiveTriton.with(.http) { transport async throws in
            for (model, fit) in golden.fitIDs {
                let configuration = try await transport.modelConfiguration(model, version: nil, deadline: .generous)
                #expect(configuration.parameters["fit_id"] == fit, "\(model): run python -m training.golden")
            }
        }
    }

    @Test("the classifiers", arguments: WireProtocol.allCases)
    func classifiers(_ wire: WireProtocol) async throws {
        let golden = try Golden.load()
        try await LiveTriton.with(wire) { transport async throws in
            for (number, text) in golden.transformers.enumerated() {
                let ones = [Int64](repeating: 1, count: text.ids.count)
                let inputs = [Self.row("input_ids", text.ids), Self.row("attention_mask", ones)]
                let expectations = [
                    ("bert_bilstm", text.lstm), ("bert_classifier", text.classifier),
                    ("ngram_classifier", text.ngrams),
                ]
                for (model, expected) in expectations {
                    let request = InferRequest(model: model, id: "", inputs: inputs, outputs: ["logits"])
                    let response = try await transport.infer(request, deadline: .generous)
                    expect(
                        try floats(response, "logits"), near: expected, within: golden.tolerance,
                        "\(model) of text \(number)")
                }
            }
        }
    }

    @Test("sentences packed into one sequence are embedded as each alone", arguments: WireProtocol.allCases)
    func packed(_ wire: WireProtocol) async throws {
        let golden = try Golden.load()
        let texts = golden.transformers
        try await LiveTriton.with(wire) { transport async throws in
            let inputs = [
                // Padding at the end is nobody's.
                Self.row("input_ids", texts.flatMap(\.ids) + [0, 0, 0]),
                Self.row("sentence_lengths", texts.map { Int64($0.ids.count) }),
            ]
            let request = InferRequest(model: "sentence_encoder", id: "", inputs: inputs, outputs: ["embedding"])
            let response = try await transport.infer(request, deadline: .generous)
            #expect(response.output("embedding")?.shape == [1, texts.count, 384])
            expect(
                try floats(response, "embedding"), near: texts.flatMap(\.embedding), within: 1e-5, "an embedding")
        }
    }

    @Test("the EBM, on its cuts and between them", arguments: WireProtocol.allCases)
    func additive(_ wire: WireProtocol) async throws {
        let golden = try Golden.load()
        try await LiveTriton.with(wire) { transport async throws in
            for (number, row) in golden.ebm.enumerated() {
                let features = Tensor(
                    name: "features", datatype: .fp64, shape: [1, row.features.count],
                    bytes: Self.bytes(row.features.map(\.bitPattern)))
                let request = InferRequest(model: "ebm", id: "", inputs: [features], outputs: ["logit", "scores"])
                let response = try await transport.infer(request, deadline: .generous)
                let logit = try floats(response, "logit")
                expect(logit, near: [row.logit], within: golden.tolerance, "the logit of row \(number)")
                expect(
                    try floats(response, "scores"), near: row.scores, within: golden.tolerance,
                    "the scores of row \(number)")
            }
        }
    }
}
