import Features

/// `list_models`: which models answer at present.
struct ListModelsTool: EssayTool {
    let rollout: Rollout
    let drain: DrainState

    func call(_ arguments: RPCObject, _ context: GatewayContext) async throws -> ToolReply {
        guard try arguments.fields([]).unknownCount == 0 else {
            throw GatewayError(.unknownField, "list_models takes no arguments")
        }
        let plan = rollout.plan
        let reply = ModelListReply(ReadyReply(plan, isDraining: drain.isDraining), ModelsReply(plan))
        let models = reply.models.map { model in
            let versions = model.versions.isEmpty ? "" : ", version \(model.versions.joined(separator: ", "))"
            return "- \(model.name): \(model.status)\(versions)\(model.problem.map { ": \($0)" } ?? "")"
        }
        let text = ["The gateway is \(reply.status). Calibration \(reply.scoringVersion)."] + models
        return ToolReply(text: text.joined(separator: "\n"), structured: reply)
    }

    var definition: ToolDefinition {
        ToolDefinition(
            name: "list_models", title: "List the models",
            description: "The models behind the verdict: name, whether it answers now, versions, and what is wrong.",
            inputSchema: ["type": "object", "properties": [:], "additionalProperties": false],
            outputSchema: [
                "type": "object",
                "properties": [
                    "status": ["type": "string", "enum": ["ready", "degraded", "not_ready", "shutting_down"]],
                    "scoring_version": ["type": "string"],
                    "feature_schema_hash": ["type": "string"],
                    "models": [
                        "type": "array",
                        "items": [
                            "type": "object",
                            "properties": [
                                "name": ["type": "string"],
                                "status": ["type": "string", "enum": ["ready", "unavailable", "mismatch"]],
                                "versions": ["type": "array", "items": ["type": "string"]],
                                "fit_id": ["type": "string"],
                                "problem": ["type": "string"],
                            ],
                            "required": ["name", "status", "versions"],
                        ],
                    ],
                ],
                "required": ["status", "scoring_version", "feature_schema_hash", "models"],
            ])
    }
}

/// What `/health/ready` and `/v1/models` say, without the tensors.
struct ModelListReply: Encodable, Sendable {
    struct Model: Encodable, Sendable {
        var name: String
        var status: String
        var versions: [String]
        var fitID: String?
        var problem: String?

        enum CodingKeys: String, CodingKey {
            case name, status, versions, problem
            case fitID = "fit_id"
        }
    }

    var status: String
    var scoringVersion: String
    var featureSchemaHash: String
    var models: [Model]

    enum CodingKeys: String, CodingKey {
        case status, models
        case scoringVersion = "scoring_version"
        case featureSchemaHash = "feature_schema_hash"
    }

    init(_ readiness: ReadyReply, _ catalog: ModelsReply) {
        status = readiness.status
        scoringVersion = catalog.scoringVersion
        featureSchemaHash = catalog.featureSchemaHash
        models = zip(readiness.models, catalog.models).map { state, model in
            Model(
                name: model.name, status: state.status, versions: model.versions, fitID: model.fitID,
                problem: state.problem)
        }
    }
}
