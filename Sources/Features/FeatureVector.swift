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

    /// A family of these features, to be computed by itself: for benchmarks.
    public struct Family: Sendable {
        public let name: String
        let block: any FeatureBlock.Type

        /// Whether it asks a text for its syntax.
        public var needsSyntax: Bool { block.needsSyntax }

        /// Adds its values, in the schema's order.
        public func append(_ text: AnalyzedText, to values: inout [Double]) {
            block.append(text, to: &values)
        }
    }

    /// The families of these features, in the schema's order: one after the other they give what ``lexical(_:)`` gives.
    public static let families = FeatureSchema.families.map { block in
        Family(name: block.definitions.first?.family ?? "", block: block)
    }

    /// Decodes the word lists and the tagger's and parser's weights. The first text would otherwise wait for it, some
    /// tens of milliseconds.
    public static func prepare() {
        _ = (Lexicon.shared, EmpathLexicon.shared, SyntaxAnalyzer.shared)
        _ = FeatureSchema.current.count
    }
}
