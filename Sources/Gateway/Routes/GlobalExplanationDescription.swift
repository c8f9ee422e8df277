import HTTPTypes

extension ExplainRoutes {
    static let operations = [
        APIOperation(
            method: .get, path: "/v1/explain/global", id: "explainModel",
            summary: "What the explainable model learned: every term's importance, and shapes.",
            description: """
                All terms by importance and the shapes of the strongest; or, with `feature`, one term's shape and the \
                pairs that its feature is part of. It says what went with which label in the training texts, not why.
                """,
            group: .models,
            parameters: [
                .init(
                    name: parameter, place: .query,
                    description: "A term's name as the list has it: a feature's, or two joined by ` & `.",
                    schema: .string("The name.", example: "sentence_length_variation")),
                .requestID,
            ],
            replies: [.init(description: "The terms, or the term.", schema: schema)],
            errors: [.notFound, .unknownField, .notReady], isAction: true)
    ]

    private static let schema: Schema = {
        let forms = [GlobalExplanationReply.schema, TermReply.schema]
        return Schema(
            json: ["oneOf": .array(forms.map(\.json))], example: GlobalExplanationReply.schema.example,
            named: forms.flatMap(\.named))
    }()
}

extension GlobalExplanationReply {
    static let fitID = Schema.string("Which EBM it is.", example: "3d54b8950fad2b77")
    static let texts = Schema.integer("How many texts the importances are means over.", example: 500)
    static let noteSchema = Schema.string("How to read it.", example: note)

    static let schema = Schema.object(
        "Everything that the EBM learned, in short.",
        [
            .required("fit_id", fitID),
            .required(
                "feature_schema_hash", .string("Which definitions the features have.", example: "124ed3b0f52b66b1")),
            .required("intercept", .number("In logits.", example: 0.09264)),
            .required("texts", texts),
            .required("note", noteSchema),
            .required("terms", .array(of: Listed.schema, "All terms, the strongest first.")),
            .required("shapes", .array(of: ShapeReply.schema, "The strongest terms of one feature.")),
        ]
    ).named("GlobalExplanation")
}

extension GlobalExplanationReply.Listed {
    static let schema = Schema.object(
        "A term.",
        [
            .required("name", .string("The feature, or two joined by ` & `.", example: "sentence_length_variation")),
            .required("importance", .number("Mean absolute contribution, in logits.", example: 0.21)),
        ])
}

extension TermReply {
    static let schema = Schema.object(
        "What the EBM learned of one term.",
        [
            .required("fit_id", GlobalExplanationReply.fitID),
            .required("texts", GlobalExplanationReply.texts),
            .required("note", GlobalExplanationReply.noteSchema),
            .required("term", ShapeReply.schema),
            .required(
                "pairs", .array(of: GlobalExplanationReply.Listed.schema, "The pairs that the feature is part of.")),
        ]
    ).named("Term")
}

extension ShapeReply {
    static let schema = Schema.object(
        "A step function of one feature, or of two.",
        [
            .required("name", .string("The term.", example: "sentence_length_variation")),
            .required("importance", .number("Mean absolute contribution, in logits.", example: 0.21)),
            .required("features", .array(of: Feature.schema, "Its features: one or two.")),
            .required(
                "scores",
                .array(
                    of: .array(of: .number("In logits.", example: 0.4), "A row.", example: [0.4, -0.1]),
                    "A row for each bin of the first of two features; one row where there is one feature.")),
        ])
}

extension ShapeReply.Feature {
    static let schema = Schema.object(
        "A feature of the term, and where its bins end.",
        [
            .required("name", .string("The feature.", example: "sentence_length_variation")),
            .required("unit", .string("Of the edges.", example: "standard deviation / mean")),
            .required(
                "higher", .string("How a text with a higher value is spoken of.", example: "sentences vary more")),
            .required("lower", .string("How a text with a lower value is spoken of.", example: "sentences vary less")),
            .required(
                "edges",
                .array(
                    of: .number("An edge.", example: 0.55),
                    "Ascending; a value that equals an edge lies in the bin above it.")),
        ])
}
