import Features
import Hummingbird

/// `POST /v1/analyze`, and the original system's `POST /serve/bert_infer_demo`.
struct AnalyzeRoutes: Sendable {
    let pipeline: ScorePipeline
    let admission: Admission
    let drain: DrainState
    let limits: GatewayConfiguration.Limits

    func add(to router: Router<GatewayContext>) {
        router.only(.post, "/v1/analyze") { request, context in
            let analysis = try await analyze(request, context, refusesUnknownFields: true)
            let reply = AnalyzeReply(
                analysis, requestID: context.requestID, scoringVersion: pipeline.scoring.version)
            return try Response(json: reply)
        }
        router.only(.post, "/serve/bert_infer_demo") { request, context in
            let analysis = try await analyze(request, context, refusesUnknownFields: false)
            return try Response(json: LegacyReply(analysis))
        }
    }

    private func analyze(
        _ request: Request, _ context: GatewayContext, refusesUnknownFields: Bool
    ) async throws -> Analysis {
        guard !drain.isDraining else {
            throw GatewayError(.shuttingDown, "the gateway is shutting down; try again", retryAfter: 5)
        }
        try admission.refuseIfFull()
        let reader = TextRequest(refusesUnknownFields: refusesUnknownFields, maxBodyBytes: limits.maxBodyBytes)
        let text = try await reader.text(of: request)
        let analysis = try await admission.admitted {
            let deadline = context.arrival.advanced(by: limits.deadline)
            let (pipeline, requestID) = (pipeline, context.requestID)
            return try await presence(context).whilePresent {
                try await pipeline.analyze(text, requestID: requestID, deadline: deadline)
            }
        }
        context.notes.note(analysis)
        return analysis
    }

    /// The connection's `ClientPresence`; a fresh one where there is no connection (in-process tests).
    private func presence(_ context: GatewayContext) async -> ClientPresence {
        let found = context.channel.pipeline.handler(type: ConnectionGuard.self).map(\.presence)
        return (try? await found.get()) ?? ClientPresence()
    }
}

/// The answer of the original system's route: `bert_predictions` holds the arg-max class (0 human, 1 AI) that its
/// clients read.
struct LegacyReply: Encodable, Sendable {
    var bertPredictions: [Int]
    var features: [String: Double]

    enum CodingKeys: String, CodingKey {
        case features
        case bertPredictions = "bert_predictions"
    }

    init(_ analysis: Analysis) {
        bertPredictions = [analysis.probability >= 0.5 ? 1 : 0]
        features = analysis.features.dictionary
    }
}
