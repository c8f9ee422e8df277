/// Numbers and mean lengths of sentences, tokens and words.
enum TextStatistics: LexicalFamily {
    struct Measures {
        var sentences: Int
        var tokens: Int
        /// Unicode scalars of all tokens.
        var tokenCharacters: Int
        var uniqueWords: Int
    }

    private static let family = "text"

    static let features: [Feature<Measures>] = [
        Feature(
            definition: FeatureDefinition(
                name: "num_sentences", family: family, unit: "sentences",
                definition: "Sentences.", formula: "", source: "the original system; segmentation by Document"),
            value: { Double($0.sentences) }),
        Feature(
            definition: FeatureDefinition(
                name: "num_tokens", family: family, unit: "tokens",
                definition: "Words, clitics, numbers and marks, apart in the manner of the Penn Treebank.",
                formula: "", source: "the original system; tokens by Document"),
            value: { Double($0.tokens) }),
        Feature(
            definition: FeatureDefinition(
                name: "num_unique_words", family: family, unit: "words",
                definition: "Different words, in lower case; contractions and compounds with hyphens are one word.",
                formula: "", source: "own"),
            value: { Double($0.uniqueWords) }),
        Feature(
            definition: FeatureDefinition(
                name: "average_token_length", family: family, unit: "characters",
                definition: "Mean length of a token in Unicode scalars. 0 for a text without tokens.",
                formula: "characters of tokens / tokens", source: "the original system"),
            value: { ratio($0.tokenCharacters, $0.tokens) }),
        Feature(
            definition: FeatureDefinition(
                name: "average_sentence_length", family: family, unit: "tokens",
                definition: "Mean length of a sentence in tokens. 0 for a text without sentences.",
                formula: "tokens / sentences", source: "the original system"),
            value: { ratio($0.tokens, $0.sentences) }),
    ]

    static func measure(_ document: Document) -> Measures {
        Measures(
            sentences: document.sentenceCount, tokens: document.tokens.count,
            tokenCharacters: document.characterCount, uniqueWords: document.vocabulary.count)
    }
}

/// `numerator / denominator`, or 0 where there is nothing to divide by.
func ratio(_ numerator: Int, _ denominator: Int) -> Double {
    denominator == 0 ? 0 : Double(numerator) / Double(denominator)
}
