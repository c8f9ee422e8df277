/// Reads the word lists that scripts/generate-lexicon.py and scripts/generate-empath.py write.
enum FrontCoding {
    /// Decodes words with a digit each, in order.
    static func forEachWord(in encoded: String, _ body: ([UInt8], UInt8) -> Void) {
        var word: [UInt8] = []
        for byte in encoded.utf8 {
            if byte.isASCIIUppercase {
                shorten(&word, to: byte)
            } else if byte.isASCIIDigit {
                body(word, byte - UInt8(ascii: "0"))
            } else if byte != 0x0A {
                word.append(byte)
            }
        }
    }

    /// Decodes terms with a list of numbers each, in order.
    static func forEachTerm(in encoded: String, _ body: ([UInt8], [UInt8]) -> Void) {
        var term: [UInt8] = []
        var values: [UInt8] = []
        var high: UInt8?
        var isInValues = false
        var isAtStart = true
        for byte in encoded.utf8 where byte != 0x0A {
            if byte == UInt8(ascii: " ") {
                body(term, values)
                values.removeAll(keepingCapacity: true)
                (isInValues, isAtStart) = (false, true)
            } else if isInValues {
                let digit = byte - UInt8(ascii: "A")
                if let first = high { values.append(first * 26 + digit) }
                high = high == nil ? digit : nil
            } else if isAtStart {
                shorten(&term, to: byte)
                isAtStart = false
            } else if byte == UInt8(ascii: ":") {
                isInValues = true
            } else {
                term.append(byte)
            }
        }
        if isInValues { body(term, values) }
    }

    /// Keeps as many bytes as the letter says: none for `A`, one for `B`.
    private static func shorten(_ word: inout [UInt8], to letter: UInt8) {
        word.removeLast(max(0, word.count - Int(letter - UInt8(ascii: "A"))))
    }
}
