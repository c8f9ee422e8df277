import HTTPTypes

extension BatchRoutes {
    static let operations = [
        APIOperation(
            method: .post, path: "/v1/analyze/batch", id: "analyzeEssays",
            summary: "Analyses several texts, each with a result or an error of its own, in their order.",
            description: """
                By default up to 64 texts and 4 MiB. Single essays go first. What is not analysed within 40 seconds is \
                `deadline_exceeded` in its place. With a key, each text counts as a request.
                """,
            group: .analysis, parameters: [.requestID],
            requestBody: .init(description: "The essays.", schema: BatchRequest.schema),
            replies: [.init(description: "A result or an error a text.", schema: BatchReply.schema)],
            errors: [
                .malformedJSON, .unsupportedMediaType, .unknownField, .invalidBatch, .overloaded, .notReady,
                .shuttingDown,
            ])
    ]
}

extension BatchRequest {
    private static let withoutNUL = OrderedJSON.string(#"^[^\u0000]*$"#)

    /// Says little of what is valid, because what is wrong with one text is an error in its place and no reason to refuse
    /// the others.
    private static let item: OrderedJSON = [
        "description": """
        The essay as a string, or an object with `text`, and an `id` that comes back with the result. What is neither \
        is an error in its place.
        """,
        "pattern": withoutNUL,
        "properties": [
            "id": [
                "type": "string", "description": "Comes back with the result; at most 256 bytes.",
                "pattern": withoutNUL, "examples": ["ada"],
            ],
            "text": [
                "description": "The essay as it was written, a string.", "pattern": withoutNUL,
                "examples": ["We moved to the coast when I was nine."],
            ],
        ],
    ]

    static let schema = Schema.object(
        "Texts to analyse.",
        [
            .required(
                "texts",
                Schema(
                    json: [
                        "type": "array", "description": "Strings, or objects with an id.", "minItems": 1,
                        "maxItems": 64, "items": item,
                    ],
                    example: [
                        "My grandmother kept bees behind the house.",
                        ["id": "ada", "text": "We moved to the coast when I was nine."],
                    ])),
            .optional(
                "detail",
                .string(
                    "`full`: all that /v1/analyze answers, of each text.", example: "summary",
                    values: Detail.allCases.map(\.rawValue))),
        ]
    ).named("Texts")
}

extension BatchReply {
    static let schema = Schema.object(
        "What came of a batch.",
        [
            .required("request_id", .string("The request's id, as in X-Request-Id.", example: "784ae93271dcb04d")),
            .required("analyzed", .integer("Texts with a result.", example: 1)),
            .required("failed", .integer("Texts with an error.", example: 0)),
            .required("results", .array(of: item, "One a text, in the request's order.")),
        ]
    ).named("BatchResult")

    /// The example shows a summary; of the three that may be there one is.
    private static let item = Schema(
        json: Schema.object("What came of one text: a summary, an analysis or an error.", properties).json,
        example: ["index": 0, "id": "ada", "summary": BatchSummary.schema.example],
        named: properties.flatMap(\.schema.named))

    private static let properties: [Schema.Property] = [
        .required("index", .integer("The text's place in the request, from 0.", example: 0)),
        .optional("id", .string("As given.", example: "ada")),
        .optional("summary", BatchSummary.schema),
        .optional("analysis", AnalyzeReply.schema),
        .optional(
            "error",
            .object(
                "Why the text was not analysed.",
                [
                    .required("code", .string("As in the errors of /v1/analyze.", example: "empty_text")),
                    .required("message", .string("What to do, in words.", example: "the text is empty")),
                ])),
    ]
}

extension BatchSummary {
    static let schema = Schema.object(
        "The verdict on a text, in short; fields as in the whole analysis.",
        [
            .required(
                "verdict", .string("The verdict.", example: "human", values: ["human", "ai", "uncertain"])),
            .required(
                "probability_ai", .share("Calibrated probability that a language model wrote it.", example: 0.029)),
            .required(
                "reasons",
                .array(of: AnalyzeReply.Reason.schema, "Why the verdict is `uncertain`; empty else.", example: [])),
            .required(
                "explanation",
                .string("The verdict in a sentence.", example: "The text looks like one that a person wrote.")),
            .required("models", .array(of: AnalyzeReply.Model.schema, "What each model said.")),
            .required(
                "degraded", .boolean("Whether a model was away and the others' own fit was used.", example: false)),
            .required(
                "missing_models", .array(of: AnalyzeReply.Missing.schema, "The models that were away.", example: [])),
            .required("words", .integer("Words of the cleaned text.", example: 201)),
            .required("tokens", .integer("WordPiece tokens of the cleaned text.", example: 228)),
            .required("scoring_version", .string("Which weights and thresholds were used.", example: "2026-11-26.6")),
        ]
    ).named("AnalysisSummary")
}

extension RolloutReply {
    static let schema = Schema.object(
        "Which scoring sets answer: a scoring file each, with the versions of the models that it was fitted for.",
        [
            .required("serving", .array(of: Member.schema, "The sets that answer.")),
            .optional("shadow", Member.schema),
        ]
    ).named("Rollout")
}

extension RolloutReply.Member {
    static let schema = Schema.object(
        "A scoring set.",
        [
            .required("set", .string("Its name.", example: "default")),
            .optional(
                "percent",
                .number("Of the texts; not there for a set that is only shadowed.", example: 100, in: 0...100)),
            .required(
                "status",
                .string("Whether it can answer.", example: "ready", values: ["ready", "degraded", "not_ready"])),
            .required("scoring_version", .string("Of its scoring file.", example: "2026-11-26.6")),
            .required(
                "versions",
                .map(
                    of: .string("A version.", example: "1"), "Of the models that can be used, by name.",
                    example: ["bert_bilstm": "1"])),
            .required(
                "problems",
                .map(
                    of: .string("What is wrong.", example: "not loaded in the inference server"),
                    "Of the models that cannot, by name.", example: OrderedJSON.object([]))),
        ])
}
