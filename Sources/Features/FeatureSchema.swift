/// What a feature is.
public struct FeatureDefinition: Sendable, Equatable {
    /// In snake_case; the original system's name where it had the feature.
    public let name: String
    public let family: String
    public let unit: String
    public let definition: String
    public let formula: String
    public let source: String
}

/// A feature that is computed from the measures that its family takes of a document.
struct Feature<Measures>: Sendable {
    let definition: FeatureDefinition
    /// Always finite.
    let value: @Sendable (Measures) -> Double
}

/// Consecutive features of the schema.
protocol FeatureBlock: SendableMetatype {
    static var definitions: [FeatureDefinition] { get }
    /// Whether a value depends on the syntax, which costs more than everything else.
    static var needsSyntax: Bool { get }

    /// Adds the values of a text, in the order of the definitions.
    static func append(_ text: AnalyzedText, to values: inout [Double])
}

/// Features that share measures, which are taken once a text.
protocol FeatureFamily: FeatureBlock {
    associatedtype Measures
    static var features: [Feature<Measures>] { get }
    static func measure(_ text: AnalyzedText) -> Measures
}

extension FeatureFamily {
    static var definitions: [FeatureDefinition] { features.map(\.definition) }
    static var needsSyntax: Bool { true }

    static func append(_ text: AnalyzedText, to values: inout [Double]) {
        let measures = measure(text)
        for feature in features { values.append(feature.value(measures)) }
    }
}

/// A family that needs no syntax.
protocol LexicalFamily: FeatureFamily {
    static func measure(_ document: Document) -> Measures
}

extension LexicalFamily {
    static var needsSyntax: Bool { false }

    static func measure(_ text: AnalyzedText) -> Measures { measure(text.document) }
}

/// Which features there are, in which order: the contract between the gateway, the training and the EBM's input.
public struct FeatureSchema: Sendable, Equatable {
    /// Version of the definitions. A feature whose values change has changed, and so has this number.
    public static let version = 4

    public let definitions: [FeatureDefinition]
    public let names: [String]
    /// 64-bit FNV-1a over the versions of the definitions and of the cleaning, and over the names in order; 16
    /// hexadecimal digits.
    public let hash: String
    private let indices: [String: Int]

    /// Of the features that a document alone gives.
    public static let lexical = FeatureSchema(families.flatMap { $0.definitions })

    /// Of all features: the lexical ones, then those that need the sentences' embeddings.
    public static let current = FeatureSchema(lexical.definitions + SemanticFlow.features.map(\.definition))

    /// The families of lexical features, in the schema's order.
    static let families: [any FeatureBlock.Type] = [
        Readability.self, TextualEntropy.self, LexicalDiversity.self, TextStatistics.self, Structure.self,
        Punctuation.self, Style.self, PartsOfSpeech.self, SyntacticTrees.self, Psycholinguistics.self,
    ]

    public var count: Int { names.count }

    init(_ definitions: [FeatureDefinition]) {
        self.definitions = definitions
        names = definitions.map(\.name)
        indices = Dictionary(zip(names, names.indices)) { first, _ in first }
        let identity = (["features \(Self.version)", "cleaning \(TextCleaner.version)"] + names).joined(separator: "\n")
        var hash = WordHash()
        for byte in identity.utf8 { hash.add(byte) }
        let digits = String(hash.value, radix: 16)
        self.hash = String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The place of a feature, or nil if the schema has none of this name.
    public func index(of name: String) -> Int? {
        indices[name]
    }
}
