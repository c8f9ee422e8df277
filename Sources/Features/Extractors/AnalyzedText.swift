/// A document and its syntax, which is made once, for the first family of features that asks for it.
///
/// Belongs to one extraction: not to be shared by threads.
public final class AnalyzedText {
    public let document: Document
    private(set) lazy var syntax = SyntaxAnalyzer.shared.analyze(document)

    public init(_ document: Document) {
        self.document = document
    }

    /// With a syntax that is there already: for benchmarks, which measure it and what reads it apart.
    public init(_ document: Document, syntax: SyntaxAnalysis) {
        self.document = document
        self.syntax = syntax
    }
}
