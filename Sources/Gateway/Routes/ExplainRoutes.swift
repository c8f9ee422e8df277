import Features
import Hummingbird
import TritonClient

/// `GET /v1/explain/global`: what the EBM learned, all terms by importance, or one of them with `?feature=NAME`.
struct ExplainRoutes: Sendable {
    let rollout: Rollout
    let shapes: EBMShapes

    static let parameter = "feature"

    func add(to router: Router<GatewayContext>) {
        router.only(.get, "/v1/explain/global") { request, _ in
            let parameters = request.uri.queryParameters
            guard parameters.allSatisfy({ $0.key == Self.parameter }), parameters.count <= 1 else {
                throw GatewayError(.unknownField, "the route takes one query parameter, feature")
            }
            try requireSameFit()
            guard let name = parameters.first?.value else {
                return try Response(json: GlobalExplanationReply(shapes))
            }
            guard let term = shapes.term(String(name)) else {
                throw GatewayError(
                    .notFound, "the EBM has no such term; GET /v1/explain/global without a parameter lists them")
            }
            return try Response(json: TermReply(term, of: shapes))
        }
    }

    /// Shapes of another EBM than the one that answers would be wrong explanations.
    private func requireSameFit() throws(GatewayError) {
        let state = rollout.catalog.snapshot[.ebm]
        let served =
            state?.info?.configuration.parameters["fit_id"] ?? rollout.scoring.models[ModelName.ebm.rawValue]?.fitID
        if case .mismatch = state {
            throw GatewayError(
                .notReady, "the inference server has another EBM than the one whose shapes this gateway holds")
        }
        guard served == shapes.fitID, shapes.featureSchemaHash == FeatureSchema.current.hash else {
            throw GatewayError(
                .notReady,
                "this gateway holds the shapes of EBM \(shapes.fitID), not of \(served ?? "the one that is served"); "
                    + "whoever runs it must make them anew with `python -m training global-explanation` and rebuild")
        }
    }
}

/// All terms, the strongest first; the strongest single features with their shapes.
struct GlobalExplanationReply: Encodable, Sendable {
    /// How many shapes are told at once: a reply must stay under 100,000 characters.
    static let strongest = 12

    static let note =
        "Contributions are in logits, positive for a language model, and add up with the intercept to the EBM's logit. "
        + "Importance is the mean absolute contribution. A shape is a step function: scores[i] holds from edges[i-1] "
        + "up to, not including, edges[i]. It says what went with which label in the training texts, not why; ask with "
        + "?feature=NAME for the shape of any term."

    var fitID: String
    var featureSchemaHash: String
    var intercept: Double
    var texts: Int
    var note = Self.note
    var terms: [Listed]
    var shapes: [ShapeReply]

    struct Listed: Encodable, Sendable {
        var name: String
        var importance: Double
    }

    enum CodingKeys: String, CodingKey {
        case intercept, texts, note, terms, shapes
        case fitID = "fit_id"
        case featureSchemaHash = "feature_schema_hash"
    }

    init(_ shapes: EBMShapes) {
        let ordered = shapes.byImportance
        (fitID, featureSchemaHash) = (shapes.fitID, shapes.featureSchemaHash)
        (intercept, texts) = (shapes.intercept, shapes.texts)
        terms = ordered.map { Listed(name: $0.name, importance: $0.importance) }
        self.shapes = ordered.filter { $0.features.count == 1 }.prefix(Self.strongest).map(ShapeReply.init)
    }
}

/// One term with its shape, and the pairs that its feature is part of.
struct TermReply: Encodable, Sendable {
    var fitID: String
    var texts: Int
    var note = GlobalExplanationReply.note
    var term: ShapeReply
    var pairs: [GlobalExplanationReply.Listed]

    enum CodingKeys: String, CodingKey {
        case texts, note, term, pairs
        case fitID = "fit_id"
    }

    init(_ term: EBMShapes.Term, of shapes: EBMShapes) {
        (fitID, texts) = (shapes.fitID, shapes.texts)
        self.term = ShapeReply(term)
        pairs = shapes.byImportance
            .filter { $0.features.count == 2 && term.features.count == 1 && $0.features.contains(term.name) }
            .map { .init(name: $0.name, importance: $0.importance) }
    }
}

/// A term's step function, with what its features are.
struct ShapeReply: Encodable, Sendable {
    struct Feature: Encodable, Sendable {
        var name: String
        var unit: String
        /// How a text with a higher, or a lower, value than others is spoken of.
        var higher: String
        var lower: String
        var edges: [Double]
    }

    var name: String
    var importance: Double
    var features: [Feature]
    /// A row for each bin of the first of two features; one row where there is one feature.
    var scores: [[Double]]

    init(_ term: EBMShapes.Term) {
        (name, importance) = (term.name, term.importance)
        let schema = FeatureSchema.current
        features = zip(term.features, term.edges).map { name, edges in
            let phrase = FeaturePhrase(of: name)
            let unit = schema.index(of: name).map { schema.definitions[$0].unit } ?? ""
            return Feature(name: name, unit: unit, higher: phrase.more, lower: phrase.less, edges: edges)
        }
        let width = (term.edges.last?.count ?? 0) + 1
        scores = stride(from: 0, to: term.scores.count, by: width).map { start in
            Array(term.scores[start..<min(start + width, term.scores.count)])
        }
    }
}
