/// The Dale-Chall list: words that most pupils of the fourth grade knew, as textstat has it.
enum EasyWords {
    /// - Parameter hash: ``WordHash`` of a word.
    static func contains(_ hash: UInt64) -> Bool {
        Lexicon.facts(hash).contains(.easy)
    }

    /// Whether a word is easy: a numeral, a word on the list or its possessive, or a compound of easy parts.
    static func isEasy(_ bytes: [UInt8], _ range: Range<Int>, _ facts: WordFacts, isNumber: Bool) -> Bool {
        if isNumber || facts.contains(.easy) { return true }
        var isCompound = false
        var start = range.lowerBound
        while start < range.upperBound {
            var end = start
            while end < range.upperBound, bytes[end] != UInt8(ascii: "-") { end += 1 }
            isCompound = isCompound || start > range.lowerBound
            let part = bytes[start..<end]
            let stem = Possessive.stem(part)?.stem ?? part
            // A plain word without a suffix has been looked up above.
            guard isCompound || end < range.upperBound || stem.count < part.count, contains(WordHash(stem).value) else {
                return false
            }
            start = end + 1
        }
        return true
    }
}

/// The possessive forms `'s`, `’s` and, after a plural, the apostrophe alone.
enum Possessive {
    /// The word before the suffix, and whether the suffix has an s; nil if the word is no possessive.
    static func stem(_ word: ArraySlice<UInt8>) -> (stem: ArraySlice<UInt8>, hasS: Bool)? {
        var rest = word
        let hasS = rest.last?.lowercased == UInt8(ascii: "s")
        if hasS { rest.removeLast() }
        if rest.last == UInt8(ascii: "'") {
            rest.removeLast()
        } else if rest.suffix(3).elementsEqual([0xE2, 0x80, 0x99]) {
            rest.removeLast(3)
        } else {
            return nil
        }
        return rest.isEmpty ? nil : (rest, hasS)
    }
}
