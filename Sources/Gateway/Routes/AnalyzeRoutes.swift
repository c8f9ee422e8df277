import Features
import Hummingbird

/// `POST /v1/analyze`, and the original system's `POST /serve/bert_infer_demo`.
struct AnalyzeRoutes: Sendable {
    let desk: AnalysisDesk

    func add(to router: Router<GatewayContext>) {
        router.only(.post, "/v1/analyze") { request, context in
            let analysis = try await analyze(request, context, refusesUnknownFields: true)
            return try Response(json: AnalyzeReply(analysis, requestID: context.requestID))
        }
        router.only(.post, "/serve/bert_infer_demo") { request, context in
            let analysis = try await analyze(request, context, refusesUnknownFields: false)
            return try Response(json: LegacyReply(analysis))
        }
    }

    private func analyze(
        _ request: Request, _ context: GatewayContext, refusesUnknownFields: Bool
    ) async throws -> Analysis {
        try desk.refuseEarly()
        let reader = TextRequest(refusesUnknownFields: refusesUnknownFields, maxBodyBytes: desk.limits.maxBodyBytes)
        return try await desk.analyze(try await reader.text(of: request), context)
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
