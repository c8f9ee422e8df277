/// The label of the prompt at the start of an essay: `Task`, `Task 1.`, `Task 2:`.
///
/// As a word of a sentence, `Task management is` and `Task 1 was`, it stays. It is a label
/// - on a line of its own, with or without a number;
/// - before a full stop, colon, parenthesis or dash that a space or a line end follows;
/// - with a number, before a word with a capital;
/// - without one, before a capitalised word that opens sentences and follows no noun: `Task The graph shows`. Others
///   may belong to it, as in `Task Force`.
enum PromptPrefix {
    /// Index after the label, or nil if the text begins with none.
    static func end(in input: [UInt8]) -> Int? {
        var index = 0
        func byte(_ index: Int) -> UInt8 { index < input.count ? input[index] : 0x0A }
        func isSpace(_ byte: UInt8) -> Bool { byte.isBlankOrNewline || byte == MarkupStage.blockBreak }
        while index < input.count, isSpace(input[index]) { index += 1 }
        guard byte(index) == UInt8(ascii: "T") else { return nil }
        for letter in "ask".utf8 {
            index += 1
            guard byte(index).lowercased == letter else { return nil }
        }
        let wordEnd = index + 1
        var numberStart = wordEnd
        while byte(numberStart).isBlank { numberStart += 1 }
        var numberEnd = numberStart
        while numberEnd - numberStart < 3, byte(numberEnd).isASCIIDigit { numberEnd += 1 }
        let isNumbered = numberEnd > numberStart
        let end = isNumbered ? numberEnd : wordEnd
        var next = end
        while byte(next).isBlank { next += 1 }
        switch byte(next) {
        case let mark where isSpace(mark): return next
        // No space before the mark, and one after it: `Task 1.5` is no label.
        case UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: ")"):
            return next == end && isSpace(byte(next + 1)) ? next + 1 : nil
        case UInt8(ascii: "-"): return next > end && isSpace(byte(next + 1)) ? next + 1 : nil
        case let letter where letter.isASCIIUppercase && next > end:
            var wordEnd = next
            while wordEnd - next < 12, byte(wordEnd).isASCIILetter { wordEnd += 1 }
            let word = String(decoding: input[next..<wordEnd], as: UTF8.self)
            return isNumbered || openers.contains(word) ? next : nil
        default: return nil
        }
    }

    private static let openers: Set<String> = [
        "A", "After", "All", "Although", "An", "As", "At", "Because", "Every", "For", "From", "He", "Her", "His", "How",
        "However", "I", "If", "In", "It", "Many", "Most", "My", "Nowadays", "On", "One", "Our", "People", "She",
        "Since",
        "Some", "The", "Their", "There", "These", "They", "This", "Those", "To", "Today", "We", "What", "When", "While",
        "Who", "Why", "With", "You", "Your",
    ]
}
