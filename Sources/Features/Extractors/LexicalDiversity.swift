/// How rich the vocabulary is, and how much the text repeats itself word by word.
enum LexicalDiversity: LexicalFamily {
    struct Measures {
        var words: Int
        var uniqueWords: Int
        /// Words that occur once.
        var hapaxes: Int
        var mtld: Double
        var nGrams: NGrams
    }

    private static let family = "lexical diversity"
    private static let share = "share of the words"

    static let features: [Feature<Measures>] = [
        Feature(
            definition: FeatureDefinition(
                name: "type_token_ratio", family: family, unit: share,
                definition: "Different words over words. It falls with the text's length. 0 for a text without words.",
                formula: "different words / words", source: "Johnson 1944"),
            value: { ratio($0.uniqueWords, $0.words) }),
        Feature(
            definition: FeatureDefinition(
                name: "hapax_ratio", family: family, unit: share,
                definition: "Words that occur once in the text over all words. 0 for a text without words.",
                formula: "words that occur once / words", source: "Baayen 2001"),
            value: { ratio($0.hapaxes, $0.words) }),
        Feature(
            definition: FeatureDefinition(
                name: "mtld", family: family, unit: "words",
                definition: """
                    Measure of textual lexical diversity: mean length of the stretches over which the type-token ratio stays \
                    at 0.72 or above, read forwards and backwards, the mean of both. It hardly depends on the text's length. \
                    The number of words where no word occurs twice; 0 for a text without words.
                    """,
                formula: "mean of words / factors, the last factor being (1 - ttr) / (1 - 0.72)",
                source: "McCarthy & Jarvis 2010"),
            value: { $0.mtld }),
        repetition("bigram", of: "two", \.distinctBigrams, length: 2),
        repetition("trigram", of: "three", \.distinctTrigrams, length: 3),
        repetition("fourgram", of: "four", \.distinctFourgrams, length: 4),
    ]

    private static func repetition(
        _ name: String, of number: String, _ distinct: @escaping @Sendable (NGrams) -> Int, length: Int
    ) -> Feature<Measures> {
        Feature(
            definition: FeatureDefinition(
                name: "repeated_\(name)_share", family: family, unit: "share of the \(name)s",
                definition: """
                    Sequences of \(number) words, in lower case and across sentences, that occurred earlier in the text. 0 for \
                    fewer words than that.
                    """,
                formula: "1 - different \(name)s / \(name)s", source: "own"),
            value: { measures in
                let total = max(0, measures.words - length + 1)
                return ratio(total - distinct(measures.nGrams), total)
            })
    }

    static func measure(_ document: Document) -> Measures {
        let vocabulary = document.vocabulary
        return Measures(
            words: vocabulary.ids.count, uniqueWords: vocabulary.count, hapaxes: vocabulary.counts.count { $0 == 1 },
            mtld: mtld(vocabulary), nGrams: document.nGrams)
    }

    /// Mean of both directions.
    private static func mtld(_ vocabulary: Vocabulary) -> Double {
        let count = vocabulary.ids.count
        // The factor in which each word was last seen.
        var seen = [Int32](repeating: 0, count: vocabulary.count)
        var factor: Int32 = 0
        func length(_ order: some Sequence<Int>) -> Double {
            factor += 1
            var (factors, words, unique) = (0.0, 0, 0)
            for index in order {
                let id = Int(vocabulary.ids[index])
                words += 1
                if seen[id] != factor {
                    seen[id] = factor
                    unique += 1
                }
                // unique / words < 0.72
                if unique * 100 < words * 72 {
                    factors += 1
                    factor += 1
                    (words, unique) = (0, 0)
                }
            }
            if words > 0 { factors += (1 - ratio(unique, words)) / (1 - 0.72) }
            return factors > 0 ? Double(count) / factors : Double(count)
        }
        return (length(0..<count) + length((0..<count).reversed())) / 2
    }
}
