import Features
import Hummingbird
import TritonClient

/// `GET /health/live`, `/health/ready`, `/v1/models` and `/v1/features`.
struct StatusRoutes: Sendable {
    let rollout: Rollout
    let drain: DrainState

    func add(to router: Router<GatewayContext>) {
        router.only(.get, "/health/live") { _, _ in
            try Response(json: ["status": "live"])
        }
        router.only(.get, "/health/ready") { _, _ in
            let reply = ReadyReply(rollout.plan, isDraining: drain.isDraining)
            let isReady = reply.status == Readiness.ready.rawValue || reply.status == Readiness.degraded.rawValue
            return try Response(json: reply, status: isReady ? .ok : .serviceUnavailable)
        }
        router.only(.get, "/v1/models") { _, _ in
            try Response(json: ModelsReply(rollout.plan))
        }
        router.only(.get, "/v1/features") { _, _ in
            try Response(json: FeaturesReply(.current))
        }
    }
}

/// `ready`, `degraded` (still 200: a fit for the models that are there exists), `not_ready` or `shutting_down`.
struct ReadyReply: Encodable, Sendable {
    struct Model: Encodable, Sendable {
        var name: String
        /// `ready`, `unavailable` or `mismatch`.
        var status: String
        var problem: String?
    }

    var status: String
    /// Of the scoring set with the largest share.
    var models: [Model]
    /// Where there is more than one scoring set.
    var rollout: RolloutReply?

    /// A set that is not the main one is worked around where it cannot answer: `degraded`.
    init(_ plan: RolloutPlan, isDraining: Bool) {
        let states = plan.main.pipeline.catalog.snapshot
        var readiness = Readiness(states, scoring: plan.main.set.scoring)
        if readiness == .ready, plan.members.contains(where: { $0.readiness != .ready }) { readiness = .degraded }
        status = isDraining ? "shutting_down" : readiness.rawValue
        rollout = plan.members.count > 1 ? RolloutReply(plan) : nil
        models = ModelName.allCases.map { model in
            let state = states[model]
            return Model(name: model.rawValue, status: Self.word(for: state), problem: state?.problem)
        }
    }

    private static func word(for state: ModelState?) -> String {
        switch state {
        case .ready: "ready"
        case .mismatch: "mismatch"
        case .unavailable, nil: "unavailable"
        }
    }
}

struct ModelsReply: Encodable, Sendable {
    struct TensorReply: Encodable, Sendable {
        var name: String
        var datatype: String
        var shape: [Int]

        init(_ tensor: TensorMetadata) {
            (name, datatype, shape) = (tensor.name, tensor.datatype, tensor.shape)
        }
    }

    struct Model: Encodable, Sendable {
        var name: String
        var ready: Bool
        /// In use; absent where the model is not ready.
        var version: String?
        /// Loaded in the inference server.
        var versions: [String]
        var fitID: String?
        var inputs: [TensorReply]
        var outputs: [TensorReply]

        enum CodingKeys: String, CodingKey {
            case name, ready, version, versions, inputs, outputs
            case fitID = "fit_id"
        }
    }

    struct EnsembleReply: Encodable, Sendable {
        var models: [String]
        var intercept: Double
        var weights: [Double]
        var thresholds: Ensemble.Thresholds
        var heldOut: Ensemble.HeldOut

        enum CodingKeys: String, CodingKey {
            case models, intercept, weights, thresholds
            case heldOut = "held_out"
        }
    }

    /// Of the scoring set with the largest share, as is all that follows but `rollout`.
    var models: [Model]
    var rollout: RolloutReply
    var featureSchemaHash: String
    var features: [String]
    var scoringVersion: String
    var windows: Scoring.WindowShape
    var ensembles: [EnsembleReply]

    enum CodingKeys: String, CodingKey {
        case models, rollout, features, windows, ensembles
        case featureSchemaHash = "feature_schema_hash"
        case scoringVersion = "scoring_version"
    }

    init(_ plan: RolloutPlan) {
        let (states, scoring) = (plan.main.pipeline.catalog.snapshot, plan.main.set.scoring)
        rollout = RolloutReply(plan)
        models = ModelName.allCases.map { model in
            let info = states[model]?.info
            return Model(
                name: model.rawValue, ready: info != nil, version: info?.version,
                versions: info?.metadata.versions ?? [],
                fitID: info?.configuration.parameters["fit_id"],
                inputs: info?.metadata.inputs.map(TensorReply.init) ?? [],
                outputs: info?.metadata.outputs.map(TensorReply.init) ?? [])
        }
        featureSchemaHash = FeatureSchema.current.hash
        features = FeatureSchema.current.names
        scoringVersion = scoring.version
        windows = scoring.windows
        ensembles = scoring.ensembles.map { ensemble in
            EnsembleReply(
                models: ensemble.models, intercept: ensemble.intercept, weights: ensemble.weights,
                thresholds: ensemble.thresholds, heldOut: ensemble.heldOut)
        }
    }
}

/// What each feature is, in the order of the EBM's input.
struct FeaturesReply: Encodable, Sendable {
    struct Feature: Encodable, Sendable {
        var name: String
        var family: String
        var unit: String
        var definition: String
        /// Empty where the definition says it all.
        var formula: String
        var source: String
    }

    var version: Int
    var schemaHash: String
    var features: [Feature]

    enum CodingKeys: String, CodingKey {
        case version, features
        case schemaHash = "schema_hash"
    }

    init(_ schema: FeatureSchema) {
        version = FeatureSchema.version
        schemaHash = schema.hash
        features = schema.definitions.map { definition in
            Feature(
                name: definition.name, family: definition.family, unit: definition.unit,
                definition: definition.definition, formula: definition.formula, source: definition.source)
        }
    }
}
