import TritonClient
import WordPiece

/// Stages 6 to 8 for one essay: makes the requests, waits for Triton, and checks what came back, once.
struct ModelCaller: Sendable {
    let transport: any InferenceTransport
    let requestID: String
    let deadline: ContinuousClock.Instant

    /// Padded lengths; the same as in training.
    static let windowBuckets = LengthBuckets([64, 128, 256, 512])
    /// Sentences are short, so they get finer buckets.
    static let sentenceBuckets = LengthBuckets([32, 64, 128, 256])

    /// How a model's calls can fail.
    enum Failure: Error {
        /// The model is away; the others may still answer.
        case missing(reason: String)
        /// The whole request fails.
        case fatal(GatewayError)

        init(_ error: TritonError, model: ModelName) {
            switch error {
            case .unreachable, .connectionLost, .server(.notFound, _), .server(.unavailable, _),
                .server(.overloaded, _):
                self = .missing(reason: GatewayError(error, model: model.rawValue).message)
            case .server, .deadlineExceeded, .cancelled, .shutDown, .invalidResponse, .invalidRequest:
                self = .fatal(GatewayError(error, model: model.rawValue))
            }
        }

        static func invalid(_ model: ModelName, _ what: String) -> Failure {
            .fatal(GatewayError(.upstreamInvalid, "model \(model.rawValue) answered with \(what)"))
        }
    }

    /// A model's values for the rows it was given.
    struct Answer<Value: Sendable>: Sendable {
        var values: Value
        var version: String
        var milliseconds: Double
    }

    /// Logits log(p(AI)/p(human)) of each row.
    func logits(
        _ model: ModelName, _ info: ModelInfo, rows: TokenRows, encoding: Encoding
    ) async -> Result<Answer<[Double]>, Failure> {
        await perRow(model, info, rows, encoding, Self.windowBuckets, output: "logits", width: 2).map { answer in
            Answer(
                values: answer.values.map { Double($0[1]) - Double($0[0]) }, version: answer.version,
                milliseconds: answer.milliseconds)
        }
    }

    /// One embedding of `ModelContract.embeddingSize` a row.
    func embeddings(
        _ info: ModelInfo, rows: TokenRows, encoding: Encoding
    ) async -> Result<Answer<[[Float]]>, Failure> {
        await perRow(
            .sentenceEncoder, info, rows, encoding, Self.sentenceBuckets, output: "embedding",
            width: ModelContract.embeddingSize)
    }

    /// The EBM's logit and its terms' contributions for one feature vector.
    func additive(_ info: ModelInfo, features: [Double]) async -> Result<Answer<AdditiveScores>, Failure> {
        guard let additive = info.additive else { return .failure(.missing(reason: "the EBM's terms are not known")) }
        let request = InferRequest(
            model: ModelName.ebm.rawValue, id: requestID,
            inputs: [.fp64("features", shape: [1, features.count], features)], outputs: ["logit", "scores"])
        let begin = ContinuousClock.now
        do {
            let response = try await transport.infer(request, deadline: deadline)
            guard let logit = response.output("logit")?.finiteFloats(shape: [1, 1])?.first,
                let scores = response.output("scores")?.finiteFloats(shape: [1, additive.terms.count])
            else { return .failure(.invalid(.ebm, "a wrong shape or a value that is not finite")) }
            let result = AdditiveScores(
                intercept: additive.intercept, terms: additive.terms, scores: scores.map(Double.init),
                logit: Double(logit))
            guard result.addsUp else { return .failure(.invalid(.ebm, "terms that do not add up to its logit")) }
            return .success(
                Answer(
                    values: result, version: response.version,
                    milliseconds: begin.duration(to: .now).milliseconds))
        } catch {
            return .failure(Failure(error, model: .ebm))
        }
    }

    /// Sends the rows batch by batch, one batch of a model at a time, so that one long essay does not fill the queue.
    private func perRow(
        _ model: ModelName, _ info: ModelInfo, _ rows: TokenRows, _ encoding: Encoding, _ buckets: LengthBuckets,
        output: String, width: Int
    ) async -> Result<Answer<[[Float]]>, Failure> {
        var values = [[Float]](repeating: [], count: rows.ranges.count)
        var version = ""
        let begin = ContinuousClock.now
        for batch in rows.batches(buckets: buckets, maxBatch: info.maxBatch) {
            let request = InferRequest(
                model: model.rawValue, id: requestID, inputs: rows.tensors(batch, of: encoding), outputs: [output])
            do {
                let response = try await transport.infer(request, deadline: deadline)
                version = response.version
                guard let floats = response.output(output)?.finiteFloats(shape: [batch.rows.count, width]) else {
                    return .failure(.invalid(model, "a wrong shape or a value that is not finite"))
                }
                for (place, row) in batch.rows.enumerated() {
                    values[row] = Array(floats[(place * width)..<((place + 1) * width)])
                }
            } catch {
                return .failure(Failure(error, model: model))
            }
        }
        return .success(
            Answer(values: values, version: version, milliseconds: begin.duration(to: .now).milliseconds))
    }
}

/// An EBM's answer for one essay: logit = intercept + Σ scores.
struct AdditiveScores: Sendable, Equatable {
    var intercept: Double
    var terms: [String]
    /// Contributions in logits, one a term.
    var scores: [Double]
    var logit: Double

    /// Whether the parts make the whole, within what FP32 can hold.
    var addsUp: Bool {
        let sum = scores.reduce(intercept, +)
        return abs(sum - logit) <= 1e-4 * (1 + scores.reduce(0) { $0 + abs($1) })
    }
}
