import Features
import HTTPTypes

extension AnalyzeRoutes {
    static let operations = [
        APIOperation(
            method: .post, path: "/v1/analyze", id: "analyzeEssay",
            summary: "Says whether an essay was written by a language model or by a person, how sure that is, and why.",
            description: """
                Send the essay's text unchanged. The verdict is `human`, `ai` or `uncertain`; `uncertain` comes with \
                reasons and is an answer, not an error. Repeat `explanation.summary` and the terms' sentences to people. \
                Never accuse anybody.
                """,
            group: .analysis, parameters: [.requestID],
            requestBody: .init(description: "The essay.", schema: TextRequest.schema),
            replies: [
                .init(description: "The verdict, with everything that it rests on.", schema: AnalyzeReply.schema)
            ],
            errors: TextRequest.errors + analysisErrors, isAction: true),
        APIOperation(
            method: .post, path: "/serve/bert_infer_demo", id: "serveBertInferDemo",
            summary: "The route of the system that this one replaces: the likelier class and the features.",
            description: """
                For clients of the original system. It answers whatever the probability is, without `uncertain` and \
                without reasons; new clients use POST /v1/analyze. Fields besides `text` are ignored.
                """,
            group: .analysis, parameters: [.requestID],
            requestBody: .init(description: "The essay.", schema: TextRequest.legacySchema),
            replies: [.init(description: "Class and features.", schema: LegacyReply.schema)],
            errors: TextRequest.errors.filter { $0 != .unknownField } + analysisErrors),
    ]

    /// Of everything that runs the pipeline.
    static let analysisErrors: [GatewayError.Code] = [
        .emptyText, .textTooLong, .overloaded, .upstreamInvalid, .upstreamUnavailable, .notReady, .shuttingDown,
        .deadlineExceeded,
    ]
}

extension APIOperation.Parameter {
    static let requestID = Self(
        name: "X-Request-Id", place: .header,
        description: """
            An id of the caller's, which comes back in the reply and stands in the logs: at most 64 letters, digits, `.`, \
            `_` and `-`. Anything else is replaced by an id of the gateway's.
            """,
        schema: .string("The id.", example: "784ae93271dcb04d"))
}

extension TextRequest {
    /// Of reading `{"text": "…"}`.
    static let errors: [GatewayError.Code] = [
        .malformedJSON, .unsupportedMediaType, .missingText, .invalidText, .unknownField,
    ]

    /// NUL is refused.
    private static let text = Schema.string(
        """
        The essay as it was written, Markdown and HTML included. English, at least 50 words; by default at most 32,768 \
        tokens, which is about 100,000 characters.
        """,
        example: """
            My grandmother kept bees behind the house, and every August she let me carry the smoker. I was afraid of it at \
            first.
            """,
        minimumLength: 1, pattern: #"^[^\u0000]*$"#)

    static let schema = Schema.object("A text to analyse.", [.required("text", text)]).named("Text")
    static let legacySchema = Schema.object("A text to analyse.", [.required("text", text)], isOpen: true)
        .named("OriginalText")
}

extension LegacyReply {
    static let schema = Schema.object(
        "What the original system answered.",
        [
            .required(
                "bert_predictions",
                .array(
                    of: .integer("0: a person, 1: a language model.", example: 0),
                    "One number: the likelier class.")),
            .required("features", AnalyzeReply.features),
        ]
    ).named("OriginalReply")
}

extension AnalyzeReply {
    static let features = Schema.map(
        of: .number("The feature's value.", example: 5.93),
        "Value of every feature, by name. GET /v1/features says what each is. None of them proves anything by itself.",
        example: ["flesch_kincaid_grade": 5.93, "first_person_singular_rate": 10.945])

    static let schema = Schema.object(
        "The verdict on a text, with everything that it rests on.",
        [
            .required(
                "verdict",
                .string(
                    """
                    `human` or `ai` only where the probability is beyond one of the two thresholds and the text is one \
                    that the models can judge; else `uncertain`.
                    """,
                    example: "human", values: ["human", "ai", "uncertain"])),
            .required(
                "probability_ai", .share("Calibrated probability that a language model wrote it.", example: 0.029)),
            .required("reasons", .array(of: Reason.schema, "Why the verdict is `uncertain`; empty else.", example: [])),
            .required("thresholds", Ensemble.Thresholds.schema),
            .required("false_positives", FalsePositives.schema),
            .required("models", .array(of: Model.schema, "What each model said.")),
            .required(
                "degraded",
                .boolean("Whether a model was away and the others' own fit was used.", example: false)),
            .required(
                "missing_models", .array(of: Missing.schema, "The models that were away.", example: [])),
            .required(
                "passages",
                .array(
                    of: PassageReply.schema,
                    """
                    Overlapping windows of the text in its order, each with a probability of its own: a hint where to \
                    look, not proof.
                    """)),
            .required(
                "passages_note", .string("What a passage is worth, in words.", example: AnalyzeReply.passagesNote)),
            .required("features", features),
            .required(
                "feature_schema_hash", .string("Which definitions the features have.", example: "124ed3b0f52b66b1")),
            .required("explanation", ExplanationReply.schema),
            .required(
                "hygiene",
                .map(
                    of: .integer("How often.", example: 0),
                    "What the cleaning found and removed or folded, as counts by kind.",
                    example: ["zero_width_characters": 0, "homoglyphs": 0, "markdown_marks": 0])),
            .required("words", .integer("Words of the cleaned text.", example: 201)),
            .required("tokens", .integer("WordPiece tokens of the cleaned text.", example: 228)),
            .required(
                "trimmed",
                .array(
                    of: .string("A field.", example: "passages", values: ["passages"]),
                    "Fields that hold only their strongest entries because the text is long; empty else.",
                    example: [])),
            .required("scoring_version", .string("Which weights and thresholds were used.", example: "2026-11-26.6")),
            .required(
                "timings",
                .map(
                    of: .number("Milliseconds.", example: 0.6),
                    "How long each stage took, in milliseconds, and all of them together: `total`.",
                    example: ["clean": 0.6, "first_wave": 84.01, "total": 101.086])),
            .required("request_id", .string("The request's id, as in X-Request-Id.", example: "784ae93271dcb04d")),
        ]
    ).named("Analysis")
}

extension AnalyzeReply.Reason {
    static let schema = Schema.object(
        "A reason not to judge.",
        [
            .required(
                "code",
                .string(
                    "For programs.", example: "too_short",
                    values: [
                        "between_thresholds", "too_short", "not_english", "unknown_tokens", "features_out_of_range",
                        "models_contradict",
                    ])),
            .required(
                "message",
                .string(
                    "For people.",
                    example: "The text has 23 words; under 50 there is too little to judge.")),
        ])
}

extension Ensemble.Thresholds {
    static let schema = Schema.object(
        "Where a probability becomes a verdict.",
        [
            .required("human", .share("At or below: `human`.", example: 0.1809)),
            .required("ai", .share("At or above: `ai`.", example: 0.98261)),
        ])
}

extension AnalyzeReply.FalsePositives {
    static let schema = Schema.object(
        "How often people's own essays score like this one: of `humans_held_out`, `humans_scoring_this_high` do.",
        [
            .required(
                "humans_held_out",
                .integer("Essays by people, judged by models that were not trained on their source.", example: 2574)),
            .required("humans_scoring_this_high", .integer("Of them, with at least this probability.", example: 1242)),
            .required("rate", .share("The one divided by the other.", example: 0.4825)),
            .required("rate_at_ai_threshold", .share("The same at the threshold for `ai`.", example: 0.009713)),
            .required(
                "rate_at_ai_threshold_upper_95",
                .share("Its upper 95 % confidence bound (Clopper-Pearson).", example: 0.013539)),
        ])
}

extension AnalyzeReply.Model {
    static let schema = Schema.object(
        "What one model said.",
        [
            .required("name", .string("The model.", example: "bert_bilstm")),
            .required("version", .string("The version that answered.", example: "1")),
            .required("logit", .number("Logarithm of p(AI) / p(human).", example: -2.8607)),
            .required("probability_ai", .share("The logit as a probability.", example: 0.05413)),
            .required("weight", .number("Of the logit in the verdict's probability.", example: 0.396)),
            .required("milliseconds", .number("What its calls took.", example: 61.2)),
        ])
}

extension AnalyzeReply.Missing {
    static let schema = Schema.object(
        "A model that was away.",
        [
            .required("name", .string("The model.", example: "ebm")),
            .required(
                "reason",
                .string("What was wrong.", example: "it needs the features that sentence_encoder gives")),
        ])
}

extension AnalyzeReply.PassageReply {
    static let schema = Schema.object(
        "A part of the text.",
        [
            .required("start", .integer("Its first byte, counted in the text as posted, in UTF-8.", example: 0)),
            .required("end", .integer("The byte after its last.", example: 1032)),
            .required("probability_ai", .share("Of this part alone.", example: 0.03058)),
        ])
}
