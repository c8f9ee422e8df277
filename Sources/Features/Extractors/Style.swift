/// Habits of wording and spelling.
enum Style: LexicalFamily {
    struct Measures {
        var words: Int
        var connectives = 0
        var contractions = 0
        var firstPersonSingular = 0
        var firstPersonPlural = 0
        var capitalizationErrors = 0
        var spellingErrors = 0
    }

    static let features: [Feature<Measures>] = [
        rate(
            "connective",
            """
            Words and phrases that tie clauses and sentences together, such as `however`, `because`, `as a result`; a phrase \
            counts once. `and`, `but`, `so` and others that are often something else are left out
            """,
            "Prasad et al. 2008, appendix A; Halliday & Hasan 1976", \.connectives),
        rate(
            "contraction", "Verbs and pronouns drawn together, such as `don't`, `it's`; no possessives",
            "own list", \.contractions),
        rate(
            "first_person_singular", "`I`, `me`, `my`, `mine`, `myself`, and contractions with `I`", "own list",
            \.firstPersonSingular),
        rate(
            "first_person_plural", "`we`, `us`, `our`, `ours`, `ourselves`, and contractions with `we`; `let's`",
            "own list", \.firstPersonPlural),
        rate(
            "capitalization_error", "Sentences that begin with a small letter, and each `i` (`i'm`, …) elsewhere",
            "own", \.capitalizationErrors),
        rate(
            "spelling_error",
            """
            Words in small letters that are in none of CMUdict, Empath's terms and the Dale-Chall list, nor an inflection or \
            derivation of a word that is. Words with capitals are taken for names
            """,
            "own; see Spelling", \.spellingErrors),
    ]

    private static func rate(
        _ name: String, _ what: String, _ source: String, _ count: @escaping @Sendable (Measures) -> Int
    ) -> Feature<Measures> {
        Feature(
            definition: FeatureDefinition(
                name: "\(name)_rate", family: "style", unit: "per 100 words",
                definition: "\(what), per 100 words. 0 for a text without words.", formula: "100 * count / words",
                source: source),
            value: { 100 * ratio(count($0), $0.words) })
    }

    static func measure(_ document: Document) -> Measures {
        let vocabulary = document.vocabulary
        var measures = Measures(words: document.words.count)
        for id in 0..<vocabulary.count {
            let facts = vocabulary.facts[id]
            let count = Int(vocabulary.counts[id])
            if facts.contains(.contraction) { measures.contractions += count }
            if facts.contains(.firstPersonSingular) { measures.firstPersonSingular += count }
            if facts.contains(.firstPersonPlural) { measures.firstPersonPlural += count }
        }
        measures.connectives = connectives(document)
        measures.capitalizationErrors = capitalizationErrors(document)
        measures.spellingErrors = spellingErrors(document)
        return measures
    }

    private static func connectives(_ document: Document) -> Int {
        let vocabulary = document.vocabulary
        var count = 0
        var index = 0
        while index < vocabulary.ids.count {
            let facts = vocabulary.facts[Int(vocabulary.ids[index])]
            let length =
                facts.contains(.opensConnective) ? Connectives.phraseLength(document.words.hashes, at: index) : 0
            if length > 0 || facts.contains(.connective) { count += 1 }
            index += max(1, length)
        }
        return count
    }

    private static func capitalizationErrors(_ document: Document) -> Int {
        let bytes = document.clean.bytes
        let words = document.words
        var count = 0
        for (tokens, sentence) in zip(document.sentenceTokens, document.sentenceWords) {
            guard !sentence.isEmpty else { continue }
            let first = words.starts[sentence.lowerBound]
            // What begins with a number, an address or an ellipsis may go on in small letters.
            if bytes[first].isASCIILowercase, opens(document, tokens, first) { count += 1 }
            for word in sentence.dropFirst() where isSmallI(bytes, words[word]) { count += 1 }
        }
        return count
    }

    /// Whether nothing but quotation marks and brackets lies before the word in its sentence.
    private static func opens(_ document: Document, _ tokens: Range<Int>, _ word: Int) -> Bool {
        for token in tokens {
            if document.tokens.starts[token] == word { return true }
            switch document.tokens.kinds[token] {
            case .openingQuote, .openingBracket, .straightQuote, .apostrophe: continue
            default: return false
            }
        }
        return false
    }

    /// `i` and its contractions; not `i.e`.
    private static func isSmallI(_ bytes: [UInt8], _ word: Range<Int>) -> Bool {
        guard bytes[word.lowerBound] == UInt8(ascii: "i") else { return false }
        if word.count == 1 { return true }
        let next = bytes[word.lowerBound + 1]
        return next == UInt8(ascii: "'") || next == 0xE2
    }

    private static func spellingErrors(_ document: Document) -> Int {
        let bytes = document.clean.bytes
        let words = document.words
        let vocabulary = document.vocabulary
        // Of each different word that no list has: whether it is misspelt, once somebody asked.
        var verdicts = [Bool?](repeating: nil, count: vocabulary.count)
        var count = 0
        for index in 0..<words.count {
            let id = Int(vocabulary.ids[index])
            guard !vocabulary.facts[id].contains(.known), bytes[words.starts[index]].isASCIILowercase,
                !bytes[words[index]].contains(where: \.isASCIIUppercase)
            else { continue }
            let isError = verdicts[id] ?? !Spelling.isPlausible(bytes[words[index]])
            verdicts[id] = isError
            if isError { count += 1 }
        }
        return count
    }
}
