/// A document and its syntax, which is made once, for the first family of features that asks for it.
///
/// Belongs to one extraction: not to be shared by threads.
final class AnalyzedText {
    let document: Document
    private(set) lazy var syntax = SyntaxAnalyzer.shared.analyze(document)

    init(_ document: Document) {
        self.document = document
    }
}

/// Features over a document and its syntax.
protocol SyntaxFamily: FeatureBlock {
    associatedtype Measures
    static var features: [Feature<Measures>] { get }
    static func measure(_ text: AnalyzedText) -> Measures
}

extension SyntaxFamily {
    static var definitions: [FeatureDefinition] { features.map(\.definition) }

    static func append(_ text: AnalyzedText, to values: inout [Double]) {
        let measures = measure(text)
        for feature in features { values.append(feature.value(measures)) }
    }
}
