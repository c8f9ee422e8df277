/// Whether a word that no list has is spelled right all the same: an inflection, a derivation, a compound, or British.
///
/// CMUdict has the inflected forms of common words, and names, so little is left to the rules. They are generous: a word
/// that is misspelt into another word, or into what a rule derives, is not found.
enum Spelling {
    /// Longer ones are no words; it also bounds the time that a word takes.
    private static let maximumLength = 40

    /// - Parameter word: in small letters, with an apostrophe, hyphens, digits perhaps.
    static func isPlausible(_ word: ArraySlice<UInt8>) -> Bool {
        // Other scripts, accents, numbers (`20th`), names of files: nothing to say.
        guard word.count <= maximumLength else { return false }
        guard word.allSatisfy({ $0.isASCIILetter || $0 == UInt8(ascii: "-") || isApostrophe($0) }) else { return true }
        // Parts of a compound, each with its possessive.
        return word.split(separator: UInt8(ascii: "-")).allSatisfy { part in
            let stem = Possessive.stem(part)?.stem ?? part
            return stem.count <= 1 || isKnown(stem) || stem.allSatisfy(\.isASCIILetter) && isDerived(stem)
        }
    }

    /// `'` and the bytes of `’`.
    private static func isApostrophe(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "'") || byte == 0xE2 || byte == 0x80 || byte == 0x99
    }

    private static func isKnown(_ word: some Collection<UInt8>) -> Bool {
        word.count > 1 && Lexicon.facts(WordHash(word).value).contains(.known)
    }

    private struct Suffix: Sendable {
        let ending: [UInt8]
        /// What the stem ends in instead: `` for `walk|ing`, `e` for `mak|ing`, `y` for `happ|ily`.
        let stemEndings: [[UInt8]]
        /// Whether a doubled consonant may go: `stop|p|ing`.
        let undoubles: Bool

        init(_ ending: String, _ stemEndings: [String], undoubles: Bool = false) {
            self.ending = Array(ending.utf8)
            self.stemEndings = stemEndings.map { Array($0.utf8) }
            self.undoubles = undoubles
        }
    }

    private static let suffixes: [Suffix] = [
        Suffix("s", [""]), Suffix("es", ["", "e"]), Suffix("ies", ["y", "ie"]), Suffix("ves", ["f", "fe"]),
        Suffix("ed", ["", "e"], undoubles: true), Suffix("ied", ["y"]), Suffix("ing", ["", "e"], undoubles: true),
        Suffix("er", ["", "e"], undoubles: true), Suffix("ers", ["", "e"], undoubles: true), Suffix("ier", ["y"]),
        Suffix("est", ["", "e"], undoubles: true), Suffix("iest", ["y"]), Suffix("ly", ["", "le"]),
        Suffix("ily", ["y"]), Suffix("ally", ["", "al"]), Suffix("ness", [""]), Suffix("iness", ["y"]),
        Suffix("less", [""]), Suffix("ful", [""]), Suffix("able", ["", "e"], undoubles: true),
        Suffix("ible", ["", "e"]),
        Suffix("ability", ["able", "", "e"]), Suffix("ity", ["", "e"]), Suffix("ment", [""]), Suffix("ments", [""]),
        Suffix("ism", ["", "e"]), Suffix("ist", ["", "e"]), Suffix("ists", ["", "e"]), Suffix("ship", [""]),
        Suffix("ation", ["", "e", "ate"]), Suffix("ations", ["", "e", "ate"]), Suffix("ization", ["ize"]),
        Suffix("izations", ["ize"]), Suffix("ive", ["", "e"]), Suffix("hood", [""]), Suffix("wise", [""]),
        Suffix("like", [""]), Suffix("ish", ["", "e"], undoubles: true),
        // British forms of words that the American dictionary has.
        Suffix("our", ["or"]), Suffix("ours", ["ors"]), Suffix("oured", ["ored"]), Suffix("ouring", ["oring"]),
        Suffix("ourful", ["orful"]), Suffix("ourable", ["orable"]), Suffix("oural", ["oral"]), Suffix("ise", ["ize"]),
        Suffix("ises", ["izes"]),
        Suffix("ised", ["ized"]), Suffix("ising", ["izing"]), Suffix("isation", ["ization"]),
        Suffix("isations", ["izations"]), Suffix("yse", ["yze"]), Suffix("ysed", ["yzed"]), Suffix("ysing", ["yzing"]),
        Suffix("tre", ["ter"]), Suffix("tres", ["ters"]), Suffix("ogue", ["og"]), Suffix("ence", ["ense"]),
        Suffix("lled", ["led"]), Suffix("lling", ["ling"]), Suffix("ller", ["ler"]), Suffix("gramme", ["gram"]),
        Suffix("grammes", ["grams"]),
    ]

    private static let prefixes: [[UInt8]] = [
        "un", "re", "de", "non", "anti", "over", "under", "pre", "mis", "dis", "inter", "sub", "super", "co", "multi",
        "self",
        "out", "semi", "micro", "post", "in", "im", "pro", "cyber", "bio", "neuro", "hyper", "meta", "trans",
    ].map { Array($0.utf8) }

    /// Shorter stems are mostly accidents: `re` + `al`.
    private static let minimumStem = 3

    /// Whether a suffix or a prefix, or one of each, makes the word of a known one.
    private static func isDerived(_ word: ArraySlice<UInt8>) -> Bool {
        if hasKnownStem(word) { return true }
        for prefix in prefixes where word.count >= prefix.count + minimumStem && word.starts(with: prefix) {
            let rest = word.dropFirst(prefix.count)
            if isKnown(rest) || hasKnownStem(rest) { return true }
        }
        return false
    }

    /// By their last letter, a to z.
    private static let suffixesByLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).map { letter in
        suffixes.filter { $0.ending.last == letter }
    }

    private static func hasKnownStem(_ word: ArraySlice<UInt8>) -> Bool {
        guard let last = word.last, last.isASCIILowercase else { return false }
        for suffix in suffixesByLetter[Int(last - UInt8(ascii: "a"))] {
            guard word.count >= suffix.ending.count + 2, word.suffix(suffix.ending.count).elementsEqual(suffix.ending)
            else { continue }
            let stem = word.dropLast(suffix.ending.count)
            for ending in suffix.stemEndings where stem.count + ending.count >= minimumStem {
                var hash = WordHash(stem)
                for byte in ending { hash.add(byte) }
                if Lexicon.facts(hash.value).contains(.known) { return true }
            }
            if suffix.undoubles, stem.count > minimumStem, stem.last == stem.dropLast().last, isKnown(stem.dropLast()) {
                return true
            }
        }
        return false
    }
}
