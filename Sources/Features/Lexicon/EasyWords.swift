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
        var end = word.endIndex
        let hasS = end > word.startIndex && word[end - 1].lowercased == UInt8(ascii: "s")
        if hasS { end -= 1 }
        if end > word.startIndex, word[end - 1] == UInt8(ascii: "'") {
            end -= 1
        } else if end - word.startIndex >= 3, word[end - 3] == 0xE2, word[end - 2] == 0x80, word[end - 1] == 0x99 {
            end -= 3
        } else {
            return nil
        }
        return end == word.startIndex ? nil : (word[word.startIndex..<end], hasS)
    }
}
