/// How the tokens spread over the parts of speech.
enum PartsOfSpeech: FeatureFamily {
    struct Measures {
        var tokens = 0
        /// By the place of the tag in `tagSet`.
        var counts = [Int](repeating: 0, count: PartsOfSpeech.tagSet.count)
        /// Nouns, proper nouns, verbs, adjectives, adverbs.
        var lexical = 0
        /// Words: tokens that are neither punctuation nor symbols nor of no class.
        var words = 0
        /// Tokens of letters alone or of punctuation alone, and the meaning-bearing ones among them.
        var dense = 0
        var meaning = 0
    }

    /// The universal tags, in the order of the features.
    static let tagSet = [
        "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ",
        "SYM", "VERB", "X",
    ]

    private static let family = "part of speech"
    private static let source = "tagger of docs/syntax.md; Universal Dependencies"

    static let features: [Feature<Measures>] =
        [
            Feature(
                definition: FeatureDefinition(
                    name: "semantic_density", family: family, unit: "share",
                    definition: """
                        Tokens tagged as nouns, full verbs and auxiliaries, adjectives or adverbs (NN, NNS, NNP, NNPS, VB, \
                        VBD, VBG, VBN, VBP, VBZ, JJ, JJR, JJS, RB, RBR, RBS) among the tokens that are letters alone or \
                        punctuation alone. 0 for a text without such tokens.
                        """,
                    formula: "meaning-bearing / (alphabetic + punctuation)",
                    source: "the original system; \(source)"),
                value: { ratio($0.meaning, $0.dense) }),
            Feature(
                definition: FeatureDefinition(
                    name: "lexical_density", family: family, unit: "share",
                    definition: """
                        Nouns, proper nouns, verbs, adjectives and adverbs among the words (tokens but for punctuation, \
                        symbols and X). 0 for a text without words.
                        """,
                    formula: "(NOUN + PROPN + VERB + ADJ + ADV) / words", source: "Ure 1971; \(source)"),
                value: { ratio($0.lexical, $0.words) }),
            Feature(
                definition: FeatureDefinition(
                    name: "num_pos_tags", family: family, unit: "tags",
                    definition: "Different universal part-of-speech tags. 0 for an empty text.", formula: "",
                    source: "the original system; \(source)"),
                value: { Double($0.counts.count { $0 > 0 }) }),
        ]
        + tagSet.enumerated().map { place, tag in
            Feature(
                definition: FeatureDefinition(
                    name: "upos_\(tag.lowercased())", family: family, unit: "share",
                    definition: "Tokens tagged \(tag). 0 for an empty text.", formula: "\(tag) / tokens",
                    source: source),
                value: { ratio($0.counts[place], $0.tokens) })
        }

    /// By joint tag: place in `tagSet`.
    private static let places: [Int] = SyntaxAnalyzer.shared.uposNames.map { name in
        tagSet.firstIndex(of: name) ?? tagSet.count - 1
    }
    private static let lexicalTags: [Bool] = SyntaxAnalyzer.shared.uposNames.map {
        ["NOUN", "PROPN", "VERB", "ADJ", "ADV"].contains($0)
    }
    private static let otherTags: [Bool] = SyntaxAnalyzer.shared.uposNames.map { ["PUNCT", "SYM", "X"].contains($0) }
    private static let meaningTags: [Bool] = SyntaxAnalyzer.shared.xposNames.map { name in
        ["NN", "NNS", "NNP", "NNPS", "VB", "VBD", "VBG", "VBN", "VBP", "VBZ"].contains(name)
            || ["JJ", "JJR", "JJS", "RB", "RBR", "RBS"].contains(name)
    }

    static func measure(_ text: AnalyzedText) -> Measures {
        var measures = Measures()
        let document = text.document
        let tags = text.syntax.tags
        measures.tokens = tags.count
        for (index, tag) in tags.lazy.map(Int.init).enumerated() {
            measures.counts[places[tag]] += 1
            if lexicalTags[tag] { measures.lexical += 1 }
            if !otherTags[tag] { measures.words += 1 }
            guard isDense(document, index) else { continue }
            measures.dense += 1
            if meaningTags[tag] { measures.meaning += 1 }
        }
        return measures
    }

    /// Whether a token is letters alone or punctuation alone (NLTK's test of `isalpha` or `string.punctuation`).
    private static func isDense(_ document: Document, _ index: Int) -> Bool {
        switch document.tokens.kinds[index] {
        case .word, .abbreviation:
            let bytes = document.clean.bytes
            var place = document.tokens.starts[index]
            while place < document.tokens.ends[index] {
                let (kind, length) = CharacterClass.at(bytes, place)
                guard kind == .letter || kind == .mark else { return false }
                place += length
            }
            return true
        case .number, .address: return false
        case .symbol: return document.clean.bytes[document.tokens.starts[index]] < 0x80
        default: return true
        }
    }
}
