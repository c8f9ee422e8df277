import Hummingbird
import TritonClient

/// `POST /v1/analyze/batch`: several texts, each with a result or an error of its own, in their order.
///
/// A batch's texts take places of their own and give way to single essays (see `Admission`); what is not analysed at the
/// deadline is an error in its place, and what has been is answered.
struct BatchRoutes: Sendable {
    let desk: AnalysisDesk
    private let batches: Admission

    init(desk: AnalysisDesk) {
        self.desk = desk
        batches = Admission(limit: desk.limits.maxBatches, of: "batches")
    }

    func add(to router: Router<GatewayContext>) {
        router.only(.post, "/v1/analyze/batch") { request, context in
            try desk.refuseIfDraining()
            try batches.refuseIfFull()
            let body = try await JSONBody(maxBytes: desk.limits.maxBatchBytes).bytes(of: request)
            return try await batches.admitted {
                let batch = try BatchRequest(body, maxTexts: desk.limits.maxBatchTexts)
                // One answer where every text would get the same, and no charge for it.
                _ = try desk.rollout.plan.main.pipeline.usableModels()
                context.key?.charge(additional: batch.items.count - 1)
                let deadline = context.arrival.advanced(by: desk.limits.batchDeadline)
                let requestID = context.requestID
                let results = try await desk.presence(context).whilePresent {
                    await analyze(batch.items, requestID: requestID, deadline: deadline)
                }
                return try Response(json: BatchReply(batch, results, requestID: requestID))
            }
        }
    }

    private func analyze(
        _ items: [BatchRequest.Item], requestID: String, deadline: ContinuousClock.Instant
    ) async -> [Result<Analysis, GatewayError>] {
        await withTaskGroup(of: (index: Int, result: Result<Analysis, GatewayError>)?.self) { group in
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            for (index, item) in items.enumerated() {
                group.addTask(priority: .utility) {
                    (index, await analyze(item, requestID: "\(requestID).\(index)", deadline: deadline))
                }
            }
            var results = items.map { _ in Result<Analysis, GatewayError>.failure(Self.tooLate) }
            var left = items.count
            while left > 0, let event = await group.next() {
                guard let (index, result) = event else {
                    // The deadline: those that still wait for a place give up.
                    group.cancelAll()
                    continue
                }
                results[index] = result
                left -= 1
            }
            group.cancelAll()
            return results
        }
    }

    private func analyze(
        _ item: BatchRequest.Item, requestID: String, deadline: ContinuousClock.Instant
    ) async -> Result<Analysis, GatewayError> {
        do {
            let text = try item.text.get()
            return .success(
                try await desk.admission.admittedFromBatch {
                    try await desk.rollout.analyze(text, requestID: requestID, deadline: deadline)
                })
        } catch let error as GatewayError where error.code != .clientGone {
            return .failure(error)
        } catch {
            // Cancelled: by the deadline, or because the client has gone and nobody will read this.
            return .failure(Self.tooLate)
        }
    }

    private static let tooLate = GatewayError(
        .deadlineExceeded, "the batch's time was over before this text was analysed; send it again, in a smaller batch")
}

/// The answer to a batch.
struct BatchReply: Encodable, Sendable {
    struct Item: Encodable, Sendable {
        /// Of the text in the request, from 0.
        var index: Int
        /// As given; absent where none was.
        var id: String?
        /// One of the three is there.
        var summary: BatchSummary?
        var analysis: AnalyzeReply?
        var error: ErrorReply.Body?
    }

    var requestID: String
    var analyzed: Int
    var failed: Int
    /// In the request's order.
    var results: [Item]

    enum CodingKeys: String, CodingKey {
        case analyzed, failed, results
        case requestID = "request_id"
    }

    init(_ batch: BatchRequest, _ analyses: [Result<Analysis, GatewayError>], requestID: String) {
        self.requestID = requestID
        results = zip(batch.items, analyses).enumerated().map { index, pair in
            var item = Item(index: index, id: pair.0.id)
            switch pair.1 {
            case .failure(let error): item.error = ErrorReply(error, requestID: nil).error
            case .success(let analysis):
                let reply = AnalyzeReply(analysis, requestID: "\(requestID).\(index)")
                if batch.detail == .full { item.analysis = reply } else { item.summary = BatchSummary(reply) }
            }
            return item
        }
        failed = results.count { $0.error != nil }
        analyzed = results.count - failed
    }
}

/// What is said of a text where not all is wanted: 64 of them stay under the 100,000 characters that a GPT's action
/// reads. Fields as in `AnalyzeReply`.
struct BatchSummary: Encodable, Sendable {
    var verdict: String
    var probabilityAI: Double
    var reasons: [AnalyzeReply.Reason]
    /// `summary` of the explanation.
    var explanation: String
    var models: [AnalyzeReply.Model]
    var degraded: Bool
    var missingModels: [AnalyzeReply.Missing]
    var words: Int
    var tokens: Int
    var scoringVersion: String

    enum CodingKeys: String, CodingKey {
        case verdict, reasons, explanation, models, degraded, words, tokens
        case probabilityAI = "probability_ai"
        case missingModels = "missing_models"
        case scoringVersion = "scoring_version"
    }

    init(_ reply: AnalyzeReply) {
        verdict = reply.verdict
        probabilityAI = reply.probabilityAI
        reasons = reply.reasons
        explanation = reply.explanation.summary
        models = reply.models
        degraded = reply.degraded
        missingModels = reply.missingModels
        words = reply.words
        tokens = reply.tokens
        scoringVersion = reply.scoringVersion
    }
}
