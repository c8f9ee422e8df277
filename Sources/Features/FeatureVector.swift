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
        let flow = SemanticFlow(embeddings)
        return FeatureVector(.current, values + SemanticFlow.features.map { $0.value(flow) })
    }
}

/// Computes features. Pure: the same document gives the same bits on any thread.
public enum FeatureExtractor {
    /// The features that need nothing but the text; see ``FeatureVector/completed(embeddings:)`` for the others.
    public static func lexical(_ document: Document) -> FeatureVector {
        let schema = FeatureSchema.lexical
        let text = AnalyzedText(document)
        var values: [Double] = []
        values.reserveCapacity(schema.count)
        for family in FeatureSchema.families { family.append(text, to: &values) }
        return FeatureVector(schema, values)
    }

    /// Names of the families of these features, and what computes the values of each by itself, tags and trees
    /// included: for benchmarks.
    public static var families: [(name: String, values: @Sendable (Document) -> [Double])] {
        FeatureSchema.families.map { family in
            (
                family.definitions.first?.family ?? "",
                { document in
                    var values: [Double] = []
                    family.append(AnalyzedText(document), to: &values)
                    return values
                }
            )
        }
    }

    /// Decodes the word lists and the tagger's and parser's weights. The first text would otherwise wait for it, some
    /// tens of milliseconds.
    public static func prepare() {
        _ = (Lexicon.shared, EmpathLexicon.shared, SyntaxAnalyzer.shared)
        _ = FeatureSchema.current.count
    }
}
