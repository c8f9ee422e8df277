/// Empath's categories: which topics and feelings the words speak of.
///
/// Equal to `Empath().analyze(text, normalize=True)` of the `empath` package. Its tokens are the pieces between white
/// space, as they are written: `dog,` and `Dog` are not the term `dog`.
enum Psycholinguistics: FeatureFamily {
    struct Measures {
        /// Pieces of each category, in the order of the names.
        var counts: [Int32]
        var pieces: Int
    }

    static let features: [Feature<Measures>] = EmpathLexicon.names.enumerated().map { index, name in
        let topic = name.split(separator: "_").joined(separator: " ")
        return Feature(
            definition: FeatureDefinition(
                name: name, family: "psycholinguistics", unit: "share of the pieces",
                definition: """
                    Share of the pieces between white space that are, as written, one of the \(EmpathLexicon.termCounts[index]) \
                    terms of Empath's category "\(topic)". 0 for an empty text.
                    """,
                formula: "pieces in the category / pieces", source: "Fast et al. 2016; empath"),
            value: { ratio(Int($0.counts[index]), $0.pieces) })
    }

    /// One pass over the bytes, one look-up a piece.
    static func measure(_ document: Document) -> Measures {
        var counts = [Int32](repeating: 0, count: EmpathLexicon.names.count)
        var hash = WordHash()
        var isInPiece = false
        for byte in document.clean.bytes {
            if byte.isBlankOrNewline {
                if isInPiece { EmpathLexicon.add(hash.value, to: &counts) }
                hash = WordHash()
                isInPiece = false
            } else {
                hash.add(byte)
                isInPiece = true
            }
        }
        if isInPiece { EmpathLexicon.add(hash.value, to: &counts) }
        return Measures(counts: counts, pieces: document.pieceCount)
    }
}
