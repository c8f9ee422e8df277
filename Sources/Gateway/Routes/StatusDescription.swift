import Features
import HTTPTypes

extension StatusRoutes {
    static let operations = [
        APIOperation(
            method: .get, path: "/v1/models", id: "listModels",
            summary: "Names the models that give verdicts, their versions, and how verdicts are made of their answers.",
            description: """
                Names, versions, shapes and fits of the models, the hash of the features' definitions, the weights and the \
                thresholds for every set of models that may answer, with the errors measured for them.
                """,
            group: .models, parameters: [.requestID],
            replies: [.init(description: "The models.", schema: ModelsReply.schema)], isAction: true),
        APIOperation(
            method: .get, path: "/v1/features", id: "listFeatures",
            summary: "Says what each feature of a text is.",
            description: "Name, family, unit, definition, formula and source of every feature, in the schema's order.",
            group: .models, parameters: [.requestID],
            replies: [.init(description: "The features.", schema: FeaturesReply.schema)], isAction: true),
        APIOperation(
            method: .get, path: "/health/live", id: "isLive",
            summary: "Answers while the process runs.", description: "Says nothing of the models: see /health/ready.",
            group: .health, parameters: [.requestID],
            replies: [.init(description: "It runs.", schema: live)]),
        APIOperation(
            method: .get, path: "/health/ready", id: "isReady",
            summary: "Says whether texts can be analysed, and what is wrong with each model.",
            description: """
                200 where a verdict is possible, if only without some of the models (`degraded`); 503 where it is not, or \
                while the gateway is being stopped.
                """,
            group: .health, parameters: [.requestID],
            replies: [
                .init(
                    description: "Texts can be analysed.",
                    schema: ReadyReply.schema(status: "ready", among: ["ready", "degraded"]).named("Ready")),
                .init(
                    status: 503, description: "No text can be analysed.",
                    schema: ReadyReply.schema(status: "not_ready", among: ["not_ready", "shutting_down"])
                        .named("NotReady")),
            ]),
    ]

    private static let live = Schema.object(
        "The process runs.", [.required("status", .string("Always `live`.", example: "live", values: ["live"]))]
    ).named("Live")
}

extension ReadyReply {
    static func schema(status: String, among values: [String]) -> Schema {
        .object(
            "What can be answered at present.",
            [
                .required("status", .string("In a word.", example: status, values: values)),
                .required("models", .array(of: Model.schema, "Each model, in the scoring set with the largest share.")),
                .optional("rollout", RolloutReply.schema),
            ])
    }
}

extension ReadyReply.Model {
    static let schema = Schema.object(
        "Whether a model can be used.",
        [
            .required("name", .string("The model.", example: "bert_bilstm")),
            .required(
                "status",
                .string(
                    "`mismatch`: it is not the one that this gateway was built for.", example: "ready",
                    values: ["ready", "unavailable", "mismatch"])),
            .optional("problem", .string("What is wrong.", example: "not loaded in the inference server")),
        ])
}

extension ModelsReply {
    static let schema = Schema.object(
        "What answers, and how a verdict is made of it.",
        [
            .required("models", .array(of: Model.schema, "Every model, whether it is there or not.")),
            .required("rollout", RolloutReply.schema),
            .required(
                "feature_schema_hash", .string("Which definitions the features have.", example: "124ed3b0f52b66b1")),
            .required(
                "features",
                .array(
                    of: .string("A feature.", example: "flesch_kincaid_grade"),
                    "The features' names, in the order of the `ebm`'s input.")),
            .required("scoring_version", .string("Date and number of the fit.", example: "2026-11-26.6")),
            .required(
                "windows",
                .object(
                    "The windows into which a text is cut for the classifiers.",
                    [
                        .required("maximum_length", .integer("Tokens of a window, at most.", example: 256)),
                        .required("overlap", .integer("Tokens that neighbours share, at least.", example: 64)),
                    ])),
            .required(
                "ensembles", .array(of: EnsembleReply.schema, "One for every set of models that may answer.")),
        ]
    ).named("Models")
}

extension ModelsReply.Model {
    static let schema = Schema.object(
        "A model in the inference server.",
        [
            .required("name", .string("The model.", example: "bert_bilstm")),
            .required("ready", .boolean("Whether it can be used.", example: true)),
            .optional("version", .string("The version in use.", example: "1")),
            .required(
                "versions", .array(of: .string("A version.", example: "1"), "Those that the inference server has.")),
            .optional("fit_id", .string("Which training it came out of.", example: "a5f8bf3539197470")),
            .required("inputs", .array(of: ModelsReply.TensorReply.input, "Tensors that it takes.")),
            .required("outputs", .array(of: ModelsReply.TensorReply.output, "Tensors that it gives.")),
        ])
}

extension ModelsReply.TensorReply {
    static let input = schema(name: "input_ids", datatype: "INT64", shape: [-1, -1])
    static let output = schema(name: "logits", datatype: "FP32", shape: [-1, 2])

    private static func schema(name: String, datatype: String, shape: [Int]) -> Schema {
        .object(
            "A tensor.",
            [
                .required("name", .string("Its name.", example: name)),
                .required("datatype", .string("Of KServe v2.", example: datatype)),
                .required(
                    "shape",
                    .array(
                        of: .integer("Size of a dimension; -1 where it varies.", example: -1, minimum: -1),
                        "Its dimensions, the batch's first.", example: shape.map { .integer($0) })),
            ])
    }
}

extension ModelsReply.EnsembleReply {
    static let schema = Schema.object(
        "How the logits of these models become a probability: sigmoid(intercept + Σ weight · logit).",
        [
            .required("models", .array(of: .string("A model.", example: "ebm"), "The models that answered.")),
            .required("intercept", .number("In logits.", example: 0.424)),
            .required("weights", .array(of: .number("A weight.", example: 0.654), "In the order of `models`.")),
            .required("thresholds", Ensemble.Thresholds.schema),
            .required("held_out", Ensemble.HeldOut.schema),
        ])
}

extension Ensemble.HeldOut {
    static let schema = Schema.object(
        "Errors counted over essays, judged by models that were not trained on their source.",
        [
            .required("humans", .integer("Essays by people.", example: 1470)),
            .required("humans_at_or_above_ai_threshold", .integer("Of them, called `ai`.", example: 3)),
            .required(
                "false_positive_rate_upper_95",
                .share("Upper 95 % confidence bound of that share (Clopper-Pearson).", example: 0.005266)),
            .required("ai", .integer("Essays by language models.", example: 500)),
            .required("ai_at_or_below_human_threshold", .integer("Of them, called `human`.", example: 22)),
        ])
}

extension FeaturesReply {
    static let schema = Schema.object(
        "The definitions of the features.",
        [
            .required("version", .integer("Version of the definitions.", example: 4)),
            .required("schema_hash", .string("Over names and versions.", example: "124ed3b0f52b66b1")),
            .required("features", .array(of: Feature.schema, "In the order of the `ebm`'s input.")),
        ]
    ).named("Features")
}

extension FeaturesReply.Feature {
    static let schema = Schema.object(
        "What a feature is.",
        [
            .required("name", .string("Its name.", example: "gunning_fog")),
            .required("family", .string("Features of a kind.", example: "readability")),
            .required("unit", .string("Of its values.", example: "US school grade")),
            .required(
                "definition",
                .string(
                    "What it measures.",
                    example: "Gunning fog index, from the length of sentences and the share of complex words.")),
            .required(
                "formula",
                .string(
                    "How; empty where the definition says it all.",
                    example: "0.4 * (words / sentences + 100 * complex words / words)")),
            .required("source", .string("Where it comes from.", example: "Gunning 1952; textstat")),
        ])
}
