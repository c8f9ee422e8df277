/// A document with its syntax, made once and shared by the families of features that need it.
struct AnalyzedText {
    let document: Document
    let syntax: SyntaxAnalysis

    init(_ document: Document) {
        self.document = document
        syntax = SyntaxAnalyzer.shared.analyze(document)
    }
}

/// Features over a document and its syntax.
protocol SyntaxFamily: FeatureFamily {
    static func measure(_ text: AnalyzedText) -> Measures
}

extension SyntaxFamily {
    static func measure(_ document: Document) -> Measures {
        measure(AnalyzedText(document))
    }

    static func values(_ text: AnalyzedText) -> [Double] {
        let measures = measure(text)
        return features.map { $0.value(measures) }
    }
}
