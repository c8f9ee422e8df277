/// `analyze_essay`: a text in, the verdict out.
struct AnalyzeEssayTool: EssayTool {
    let desk: AnalysisDesk

    func call(_ arguments: RPCObject, _ context: GatewayContext) async throws -> ToolReply {
        let (fields, unknownCount) = try arguments.fields(["text"])
        guard unknownCount == 0 else {
            throw GatewayError(.unknownField, "analyze_essay takes the argument \"text\" and no other")
        }
        guard let value = fields["text"] else {
            throw GatewayError(.missingText, "the argument \"text\" is missing; give the essay's whole text")
        }
        guard case .string(let text) = value else { throw GatewayError(.invalidText, "\"text\" must be a string") }
        try desk.refuseEarly()
        let analysis = try await desk.analyze(text, context)
        let reply = AnalyzeReply(analysis, requestID: context.requestID)
        return ToolReply(text: Self.words(reply), structured: EssayVerdict(reply))
    }

    /// For a model that reads the text alone: no more than it may repeat.
    static func words(_ reply: AnalyzeReply) -> String {
        let falsePositives = reply.falsePositives
        var lines = [
            "Verdict: \(reply.verdict). \(reply.explanation.summary)",
            "Probability that a language model wrote it: \(percent(reply.probabilityAI)). Of "
                + "\(falsePositives.humansHeldOut) essays by people, judged by models that did not know their kind, "
                + "\(falsePositives.humansScoringThisHigh) (\(percent(falsePositives.rate))) score at least this high.",
        ]
        if reply.degraded {
            let names = reply.missingModels.map(\.name).joined(separator: ", ")
            lines.append("Models that did not take part: \(names). The answer is calibrated for the others.")
        }
        lines += reply.explanation.terms.prefix(4).map { "- \($0.sentence)" }
        return lines.joined(separator: "\n")
    }

    private static func percent(_ share: Double) -> String {
        "\((share * 1000).rounded() / 10)%"
    }
}

/// The verdict as data: the reply of `/v1/analyze` without every feature's value and the timings, which fill a model's
/// context and say nothing that it should repeat.
struct EssayVerdict: Encodable, Sendable {
    var requestID: String
    var verdict: String
    var probabilityAI: Double
    var reasons: [AnalyzeReply.Reason]
    var thresholds: Ensemble.Thresholds
    var falsePositives: AnalyzeReply.FalsePositives
    var models: [AnalyzeReply.Model]
    var degraded: Bool
    var missingModels: [AnalyzeReply.Missing]
    var passages: [AnalyzeReply.PassageReply]
    var passagesNote: String
    var trimmed: [String]
    var explanation: ExplanationReply
    var hygiene: [String: Int]
    var words: Int
    var tokens: Int
    var scoringVersion: String

    enum CodingKeys: String, CodingKey {
        case verdict, reasons, thresholds, models, degraded, passages, explanation, hygiene, words, tokens, trimmed
        case requestID = "request_id"
        case probabilityAI = "probability_ai"
        case falsePositives = "false_positives"
        case missingModels = "missing_models"
        case passagesNote = "passages_note"
        case scoringVersion = "scoring_version"
    }

    init(_ reply: AnalyzeReply) {
        requestID = reply.requestID
        verdict = reply.verdict
        probabilityAI = reply.probabilityAI
        reasons = reply.reasons
        thresholds = reply.thresholds
        falsePositives = reply.falsePositives
        models = reply.models
        degraded = reply.degraded
        missingModels = reply.missingModels
        passages = reply.passages
        passagesNote = reply.passagesNote
        trimmed = reply.trimmed
        explanation = reply.explanation
        hygiene = reply.hygiene.filter { $0.value > 0 }
        words = reply.words
        tokens = reply.tokens
        scoringVersion = reply.scoringVersion
    }
}

extension AnalyzeEssayTool {
    var definition: ToolDefinition {
        ToolDefinition(
            name: "analyze_essay", title: "Analyse an essay",
            description: """
                Says whether a language model or a person wrote an essay: verdict (human, ai or uncertain), calibrated \
                probability, how many human essays score as high, the features that spoke for and against, and the \
                probability of each passage. English, at least 50 words. A probability, never proof.
                """,
            inputSchema: [
                "type": "object",
                "properties": [
                    "text": [
                        "type": "string", "minLength": 1,
                        "description": "The essay's whole text, unchanged. It is analysed and not kept.",
                    ]
                ],
                "required": ["text"], "additionalProperties": false,
            ],
            outputSchema: Self.outputSchema)
    }

    private static let outputSchema: OrderedJSON = [
        "type": "object",
        "properties": [
            "verdict": ["type": "string", "enum": ["human", "ai", "uncertain"]],
            "probability_ai": probability("that a language model wrote the text"),
            "reasons": list(
                "Why the verdict is uncertain; empty where it is not.",
                of: ["code": ["type": "string"], "message": ["type": "string"]]),
            "thresholds": [
                "type": "object",
                "description": "At or below human the verdict is human, at or above ai it is ai.",
                "properties": ["human": ["type": "number"], "ai": ["type": "number"]],
                "required": ["human", "ai"],
            ],
            "false_positives": [
                "type": "object",
                "description": "Of humans_held_out essays by people, humans_scoring_this_high score at least as high.",
                "properties": [
                    "humans_held_out": ["type": "integer"], "humans_scoring_this_high": ["type": "integer"],
                    "rate": ["type": "number"], "rate_at_ai_threshold": ["type": "number"],
                    "rate_at_ai_threshold_upper_95": ["type": "number"],
                ],
                "required": ["humans_held_out", "humans_scoring_this_high", "rate"],
            ],
            "models": list(
                "What each model says by itself.",
                of: [
                    "name": ["type": "string"], "version": ["type": "string"], "logit": ["type": "number"],
                    "probability_ai": ["type": "number"], "weight": ["type": "number"],
                    "milliseconds": ["type": "number"],
                ]),
            "degraded": ["type": "boolean", "description": "Whether a model did not take part."],
            "missing_models": list(
                "Models that did not take part.", of: ["name": ["type": "string"], "reason": ["type": "string"]]),
            "passages": list(
                "Windows of the text, start and end in UTF-8 bytes. A hint, not proof.",
                of: [
                    "start": ["type": "integer"], "end": ["type": "integer"], "probability_ai": ["type": "number"],
                ]),
            "passages_note": ["type": "string", "description": "What a passage is worth, in words."],
            "trimmed": [
                "type": "array", "items": ["type": "string"],
                "description":
                    "What was left out of this reply, lest it be too long: passages, where only the strongest are listed.",
            ],
            "explanation": [
                "type": "object",
                "description": "The strongest terms of the model that reads features; positive speaks for AI.",
                "properties": [
                    "summary": ["type": "string"], "intercept": ["type": "number"], "logit": ["type": "number"],
                    "terms": ["type": "array", "items": ["type": "object"]],
                ],
                "required": ["summary", "terms"],
            ],
            "hygiene": [
                "type": "object", "description": "What cleaning found and removed, by kind.",
                "additionalProperties": ["type": "integer"],
            ],
            "words": ["type": "integer"], "tokens": ["type": "integer"],
            "scoring_version": ["type": "string"], "request_id": ["type": "string"],
        ],
        "required": [
            "verdict", "probability_ai", "reasons", "thresholds", "false_positives", "models", "degraded",
            "missing_models", "passages", "passages_note", "trimmed", "explanation", "hygiene", "words", "tokens",
            "scoring_version", "request_id",
        ],
    ]

    private static func probability(_ what: String) -> OrderedJSON {
        ["type": "number", "minimum": 0, "maximum": 1, "description": .string("Probability \(what).")]
    }

    private static func list(_ description: String, of properties: OrderedJSON) -> OrderedJSON {
        [
            "type": "array", "description": .string(description),
            "items": [
                "type": "object", "properties": properties,
                "required": .array(properties.members.map { .string($0.name) }),
            ],
        ]
    }
}
