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
