import Foundation
import TestSupport
import Testing
import TritonClient

/// The Triton that `make test` starts over `triton_model_repo/` and names in the environment.
enum LiveTriton {
    struct NotNamed: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: when the variable is not set. The tests fail then: skipped, they would prove nothing.
    static func url(_ wire: WireProtocol) throws -> String {
        let variable = wire == .http ? "TRITON_HTTP_URL" : "TRITON_GRPC_URL"
        guard let url = ProcessInfo.processInfo.environment[variable], !url.isEmpty else {
            throw NotNamed(
                description:
                    "\(variable) is not set: start a server with scripts/triton-up.sh and export what it prints")
        }
        return url
    }

    /// Lends a transport to the live server and shuts it down afterwards.
    static func with<Result>(
        _ wire: WireProtocol, configuration: TransportConfiguration = .init(),
        _ body: (any InferenceTransport) async throws -> Result
    ) async throws -> Result {
        let transport = try makeTransport(url: url(wire), configuration: configuration)
        do {
            let result = try await body(transport)
            await transport.shutdown()
            return result
        } catch {
            await transport.shutdown()
            throw error
        }
    }
}

/// A model of the repository with a request that it must take.
struct ModelCase: CustomTestStringConvertible, Sendable {
    var model: String
    /// Name, type and trailing dimensions of each output; the first dimension is the number of rows.
    var outputs: [(name: String, datatype: Datatype)]
    var testDescription: String { model }

    static let classifiers = ["bert_bilstm", "bert_classifier", "ngram_classifier"].map {
        ModelCase(model: $0, outputs: [("logits", .fp32)])
    }
    /// All six layers of the encoder: the one that takes longest.
    static let sentenceEncoder = ModelCase(model: "sentence_encoder", outputs: [("embedding", .fp32)])
    static let ebm = ModelCase(model: "ebm", outputs: [("logit", .fp32), ("scores", .fp32)])
    static let all = classifiers + [sentenceEncoder, ebm]

    /// A request of `rows` rows, the same in every run. Features are asked of the model's own metadata.
    func request(rows: Int, id: String = "", over transport: any InferenceTransport) async throws -> InferRequest {
        let names = outputs.map(\.name)
        if model == Self.ebm.model {
            let metadata = try await transport.modelMetadata(model, version: nil, deadline: .generous)
            let width = try #require(metadata.inputs.first?.shape.last)
            let values = (0..<(rows * width)).map { Double($0 % 37) * 0.75 + 0.1 }
            let bytes = values.flatMap { value in Self.littleEndian(value.bitPattern) }
            let features = Tensor(name: "features", datatype: .fp64, shape: [rows, width], bytes: bytes)
            return InferRequest(model: model, id: id, inputs: [features], outputs: names)
        }
        let length = 32
        // [CLS], words, [SEP], and padding in every row but the first.
        var ids: [Int64] = []
        var mask: [Int64] = []
        for row in 0..<rows {
            let used = length - min(row * 5, length - 3)
            for place in 0..<length {
                let word = Int64(2000 + (row * 131 + place * 17) % 20_000)
                ids.append(place == 0 ? 101 : place == used - 1 ? 102 : place < used ? word : 0)
                mask.append(place < used ? 1 : 0)
            }
        }
        func tensor(_ name: String, _ width: Int, _ values: [Int64]) -> Tensor {
            Tensor(
                name: name, datatype: .int64, shape: [rows, width],
                bytes: values.flatMap { Self.littleEndian(UInt64(bitPattern: $0)) })
        }
        let second =
            model == Self.sentenceEncoder.model
            // Three sentences a row, and what is left of the row belongs to none.
            ? tensor("sentence_lengths", 3, (0..<rows).flatMap { [3, Int64(5 + $0 % 4), 11] })
            : tensor("attention_mask", length, mask)
        return InferRequest(model: model, id: id, inputs: [tensor("input_ids", length, ids), second], outputs: names)
    }

    private static func littleEndian(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
}
