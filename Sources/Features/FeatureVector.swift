/// Values of a schema's features, in its order. All are finite.
public struct FeatureVector: Sendable, Equatable {
    public let schema: FeatureSchema
    public let values: [Double]

    init(_ schema: FeatureSchema, _ values: [Double]) {
        precondition(values.count == schema.count, "\(values.count) values for \(schema.count) features")
        self.schema = schema
        self.values = values
    }

    public var names: [String] { schema.names }

    /// The value of a feature, or nil if the schema has none of this name.
    public subscript(name: String) -> Double? {
        schema.index(of: name).map { values[$0] }
    }

    public var dictionary: [String: Double] {
        Dictionary(zip(names, values)) { first, _ in first }
    }

    /// The vector of the current schema: this one, which must be of the lexical schema, and the features of the second
    /// wave.
    ///
    /// - Parameter embeddings: one a sentence, in the order of the text, all of the same length.
    public func completed(embeddings: [[Float]]) -> FeatureVector {
        FeatureVector(.current, values + [SemanticFlow.variability(embeddings)])
    }
}

/// Computes features. Pure: the same document gives the same bits on any thread.
public enum FeatureExtractor {
    /// The features that need nothing but the text; see ``FeatureVector/completed(embeddings:)`` for the others.
    public static func lexical(_ document: Document) -> FeatureVector {
        // Tagged and parsed once for all families that need it.
        let text = AnalyzedText(document)
        return FeatureVector(
            .lexical,
            FeatureSchema.families.flatMap { family in
                (family as? any SyntaxFamily.Type)?.values(text) ?? family.values(document)
            })
    }
}
