import TritonClient
import WordPiece

/// Stages 6 to 8 for one essay: makes the requests, waits for Triton, and checks what came back, once.
struct ModelCaller: Sendable {
    let transport: any InferenceTransport
    let requestID: String
    let deadline: ContinuousClock.Instant
    let metrics: GatewayMetrics?

    /// Padded lengths. Fine steps: a CPU gains nothing from batching other essays' windows, and pays for padding.
    static let windowBuckets = LengthBuckets([32, 64, 96, 128, 160, 192, 224, 256, 512])

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

    /// Logits log(p(AI)/p(human)) of each row, one batch of a model at a time, so that one long essay does not fill the
    /// queue.
    func logits(
        _ model: ModelName, _ info: ModelInfo, rows: TokenRows, encoding: Encoding
    ) async -> Result<Answer<[Double]>, Failure> {
        var logits = [Double](repeating: 0, count: rows.ranges.count)
        return await each(
            of: rows.batches(buckets: Self.windowBuckets, maxBatch: info.maxBatch), model, info, output: "logits",
            inputs: { rows.tensors($0, of: encoding) }, shape: { [$0.rows.count, 2] },
            take: { batch, floats in
                for (place, row) in batch.rows.enumerated() {
                    logits[row] = Double(floats[2 * place + 1]) - Double(floats[2 * place])
                }
            }
        ).map { Answer(values: logits, version: $0.version, milliseconds: $0.milliseconds) }
    }

    /// One embedding of `ModelContract.embeddingSize` a sentence.
    func embeddings(
        _ info: ModelInfo, _ sentences: SentenceRows, encoding: Encoding
    ) async -> Result<Answer<[[Float]]>, Failure> {
        let size = ModelContract.embeddingSize
        var embeddings: [[Float]] = []
        return await each(
            of: sentences.requests(maxBatch: info.maxBatch), .sentenceEncoder, info, output: "embedding",
            inputs: { sentences.tensors($0, of: encoding) },
            shape: { [$0.count, Self.widest($0), size] },
            take: { rows, floats in
                for (number, row) in rows.enumerated() {
                    for place in 0..<row.count {
                        let start = (number * Self.widest(rows) + place) * size
                        embeddings.append(Array(floats[start..<start + size]))
                    }
                }
            }
        ).map {
            Answer(values: sentences.combine(embeddings), version: $0.version, milliseconds: $0.milliseconds)
        }
    }

    private static func widest(_ rows: [Range<Int>]) -> Int { rows.map(\.count).max() ?? 0 }

    /// The EBM's logit and its terms' contributions for one feature vector.
    func additive(_ info: ModelInfo, features: [Double]) async -> Result<Answer<AdditiveScores>, Failure> {
        guard let additive = info.additive else { return .failure(.missing(reason: "the EBM's terms are not known")) }
        let request = InferRequest(
            model: ModelName.ebm.rawValue, version: info.version, id: requestID,
            inputs: [.fp64("features", shape: [1, features.count], features)], outputs: ["logit", "scores"])
        let begin = ContinuousClock.now
        do {
            let response = try await infer(request)
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

    /// Sends a request for each part, one after the other, and hands its floats on if they are of the right shape.
    private func each<Part>(
        of parts: [Part], _ model: ModelName, _ info: ModelInfo, output: String, inputs: (Part) -> [Tensor],
        shape: (Part) -> [Int], take: (Part, [Float]) -> Void
    ) async -> Result<Answer<Void>, Failure> {
        var version = ""
        let begin = ContinuousClock.now
        for part in parts {
            let request = InferRequest(
                model: model.rawValue, version: info.version, id: requestID, inputs: inputs(part), outputs: [output])
            do {
                let response = try await infer(request)
                version = response.version
                guard let floats = response.output(output)?.finiteFloats(shape: shape(part)) else {
                    return .failure(.invalid(model, "a wrong shape or a value that is not finite"))
                }
                take(part, floats)
            } catch {
                return .failure(Failure(error, model: model))
            }
        }
        return .success(Answer(values: (), version: version, milliseconds: begin.duration(to: .now).milliseconds))
    }

    /// One call, counted and timed, in the trace of the request that causes it.
    private func infer(_ request: InferRequest) async throws(TritonError) -> InferResponse {
        var request = request
        request.traceParent = TraceContext.current?.header
        let begin = ContinuousClock.now
        do {
            let response = try await transport.infer(request, deadline: deadline)
            metrics?.called(request.model, version: response.version, failure: nil, after: begin.duration(to: .now))
            return response
        } catch {
            metrics?.called(request.model, version: request.version, failure: error, after: begin.duration(to: .now))
            throw error
        }
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
