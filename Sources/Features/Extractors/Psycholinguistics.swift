/// Empath's categories: which topics and feelings the words speak of.
///
/// Equal to `Empath().analyze(text, normalize=True)` of the `empath` package. Its tokens are the pieces between white
/// space, as they are written: `dog,` and `Dog` are not the term `dog`.
enum Psycholinguistics: FeatureBlock {
    static let definitions: [FeatureDefinition] = zip(EmpathLexicon.names, EmpathLexicon.termCounts).map {
        name, terms in
        let topic = name.split(separator: "_").joined(separator: " ")
        return FeatureDefinition(
            name: name, family: "psycholinguistics", unit: "share of the pieces",
            definition: """
                Share of the pieces between white space that are, as written, one of the \(terms) terms of Empath's category \
                "\(topic)". 0 for an empty text.
                """,
            formula: "pieces in the category / pieces", source: "Fast et al. 2016; empath")
    }

    static let needsSyntax = false

    /// One pass over the bytes, one look-up a piece.
    static func append(_ text: AnalyzedText, to values: inout [Double]) {
        let document = text.document
        let lexicon = EmpathLexicon.shared
        var counts = [Int32](repeating: 0, count: EmpathLexicon.names.count)
        var hash = WordHash()
        var isInPiece = false
        for byte in document.clean.bytes {
            if byte.isBlankOrNewline {
                if isInPiece { lexicon.add(hash.value, to: &counts) }
                hash = WordHash()
                isInPiece = false
            } else {
                hash.add(byte)
                isInPiece = true
            }
        }
        if isInPiece { lexicon.add(hash.value, to: &counts) }
        for count in counts { values.append(ratio(Int(count), document.pieceCount)) }
    }
}
