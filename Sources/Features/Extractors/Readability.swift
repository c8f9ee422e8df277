/// The formulas of readability, as textstat 0.7.13 has them, unrounded. Each is 0 for a text without words.
///
/// The counts that go into them differ from textstat's where textstat's are artefacts of its regular expressions:
/// - sentences are `Document`'s; textstat splits at every full stop (`Dr.`, `3.14`) and then leaves out what has two
///   words or fewer;
/// - a curly apostrophe is an apostrophe; textstat deletes it and looks for `dont` in the dictionaries;
/// - words parted by a dash or slash are two; textstat deletes the mark and joins them;
/// - a compound with hyphens is looked up part by part; textstat deletes the hyphens (`wellknown`);
/// - numerals are easy words (Dale & Chall 1948), and so are possessives of easy words; textstat has them as difficult;
/// - words outside CMUdict are counted by a rule instead of by hyphenation patterns;
/// - addresses are no words.
enum Readability: LexicalFamily {
    struct Measures {
        var sentences: Int
        var words: Int
        /// White-space-delimited pieces.
        var pieces: Int
        /// Letters and digits.
        var letters: Int
        /// Characters that are not white space.
        var characters: Int
        var syllables = 0
        /// Words of three or more syllables.
        var polysyllables = 0
        /// Polysyllables that are not on the Dale-Chall list.
        var complexWords = 0
        /// Words that are not on the Dale-Chall list.
        var difficultWords = 0
        /// Words of more than six letters.
        var longWords = 0
        var opening = Opening()

        var wordsPerSentence: Double { ratio(words, sentences) }
    }

    /// The first hundred words, which Linsear Write looks at.
    struct Opening {
        static let length = 100

        var words = 0
        var polysyllables = 0
        /// Sentences that begin among them.
        var sentences = 0
    }

    static func measure(_ document: Document) -> Measures {
        let words = document.words
        let vocabulary = document.vocabulary
        var measures = Measures(
            sentences: document.sentenceWords.count { !$0.isEmpty }, words: words.count, pieces: document.pieceCount,
            letters: 0, characters: document.characterCount)
        for letters in words.letterCounts {
            measures.letters += letters
            if letters > 6 { measures.longWords += 1 }
        }
        var arePolysyllables = [Bool](repeating: false, count: vocabulary.count)
        for id in 0..<vocabulary.count {
            let count = Int(vocabulary.counts[id])
            let first = Int(vocabulary.firsts[id])
            let syllables = SyllableCounter.count(document.clean.bytes, words[first], vocabulary.facts[id])
            let isPolysyllable = syllables >= 3
            arePolysyllables[id] = isPolysyllable
            measures.syllables += count * syllables
            if isPolysyllable { measures.polysyllables += count }
            let isEasy = EasyWords.isEasy(
                document.clean.bytes, words[first], vocabulary.facts[id], isNumber: words.areNumbers[first])
            if !isEasy {
                measures.difficultWords += count
                if isPolysyllable { measures.complexWords += count }
            }
        }
        measures.opening = opening(document, arePolysyllables)
        return measures
    }

    private static func opening(_ document: Document, _ arePolysyllables: [Bool]) -> Opening {
        var opening = Opening(words: min(Opening.length, document.words.count))
        for id in document.vocabulary.ids.prefix(opening.words) where arePolysyllables[Int(id)] {
            opening.polysyllables += 1
        }
        for range in document.sentenceWords {
            if range.lowerBound >= opening.words { break }
            if !range.isEmpty { opening.sentences += 1 }
        }
        return opening
    }

    // MARK: Formulas

    private static let family = "readability"
    private static let unit = "US school grade"

    static let features: [Feature<Measures>] = [
        Feature(
            definition: FeatureDefinition(
                name: "flesch_kincaid_grade", family: family, unit: unit,
                definition: "Flesch-Kincaid grade level, from the lengths of sentences and of words in syllables.",
                formula: "0.39 * words / sentences + 11.8 * syllables / words - 15.59",
                source: "Kincaid et al. 1975; textstat"),
            value: unlessEmpty { 0.39 * $0.wordsPerSentence + 11.8 * ratio($0.syllables, $0.words) - 15.59 }),
        Feature(
            definition: FeatureDefinition(
                name: "flesch_reading_ease", family: family, unit: "points, 100 very easy, 0 very hard",
                definition: "Flesch reading ease, from the lengths of sentences and of words in syllables.",
                formula: "206.835 - 1.015 * words / sentences - 84.6 * syllables / words",
                source: "Flesch 1948; textstat"),
            value: unlessEmpty { 206.835 - 1.015 * $0.wordsPerSentence - 84.6 * ratio($0.syllables, $0.words) }),
        Feature(
            definition: FeatureDefinition(
                name: "gunning_fog", family: family, unit: unit,
                definition: """
                    Gunning fog index, from the length of sentences and the share of complex words: those of three syllables \
                    or more that are not on the Dale-Chall list.
                    """,
                formula: "0.4 * (words / sentences + 100 * complex words / words)", source: "Gunning 1952; textstat"),
            value: unlessEmpty { 0.4 * ($0.wordsPerSentence + 100 * ratio($0.complexWords, $0.words)) }),
        Feature(
            definition: FeatureDefinition(
                name: "coleman_liau_index", family: family, unit: unit,
                definition: "Coleman-Liau index, from the lengths of words in letters and of sentences.",
                formula: "0.058 * (100 * letters / words) - 0.296 * (100 * sentences / words) - 15.8",
                source: "Coleman & Liau 1975; textstat"),
            value: unlessEmpty {
                0.058 * (100 * ratio($0.letters, $0.words)) - 0.296 * (100 * ratio($0.sentences, $0.words)) - 15.8
            }),
        Feature(
            definition: FeatureDefinition(
                name: "smog_index", family: family, unit: unit,
                definition: "SMOG grade, from the number of words of three syllables or more a sentence.",
                formula: "1.043 * sqrt(30 * polysyllables / sentences) + 3.1291", source: "McLaughlin 1969; textstat"),
            value: unlessEmpty { 1.043 * (30 * ratio($0.polysyllables, $0.sentences)).squareRoot() + 3.1291 }),
        Feature(
            definition: FeatureDefinition(
                name: "ari", family: family, unit: unit,
                definition: """
                    Automated readability index, from characters a white-space-delimited piece (marks included, as textstat \
                    does) and the length of sentences.
                    """,
                formula: "4.71 * characters / pieces + 0.5 * words / sentences - 21.43",
                source: "Smith & Senter 1967; textstat"),
            value: unlessEmpty { 4.71 * ratio($0.characters, $0.pieces) + 0.5 * $0.wordsPerSentence - 21.43 }),
        Feature(
            definition: FeatureDefinition(
                name: "dale_chall", family: family, unit: "Dale-Chall score",
                definition: """
                    Dale-Chall score, from the share of words that are not among the 3,000 that most fourth-graders knew, \
                    and the length of sentences.
                    """,
                formula:
                    "0.1579 * d + 0.0496 * words / sentences + (3.6365 if d > 5), d = 100 * difficult words / words",
                source: "Dale & Chall 1948; textstat"),
            value: unlessEmpty { measures in
                let difficult = 100 * ratio(measures.difficultWords, measures.words)
                let score = 0.1579 * difficult + 0.0496 * measures.wordsPerSentence
                return difficult > 5 ? score + 3.6365 : score
            }),
        Feature(
            definition: FeatureDefinition(
                name: "linsear_write", family: family, unit: unit,
                definition: """
                    Linsear Write, from the first hundred words: one point for each, three for one of three syllables or \
                    more, over the sentences that begin among them.
                    """,
                formula: "r / 2 if r > 20, otherwise r / 2 - 1; r = (words + 2 * polysyllables) / sentences",
                source: "O'Hayre 1966; textstat"),
            value: unlessEmpty { measures in
                let opening = measures.opening
                let points = ratio(opening.words + 2 * opening.polysyllables, opening.sentences)
                return points > 20 ? points / 2 : points / 2 - 1
            }),
        Feature(
            definition: FeatureDefinition(
                name: "lix", family: family, unit: "LIX",
                definition: "LIX, from the length of sentences and the share of words of more than six letters.",
                formula: "words / sentences + 100 * words of more than six letters / words",
                source: "Björnsson 1968; textstat"),
            value: unlessEmpty { $0.wordsPerSentence + 100 * ratio($0.longWords, $0.words) }),
    ]

    private static func unlessEmpty(
        _ formula: @escaping @Sendable (Measures) -> Double
    ) -> @Sendable (Measures) -> Double {
        { $0.words == 0 ? 0 : formula($0) }
    }
}
