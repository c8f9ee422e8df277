/// The second stage: cuts normalized text into words.
///
/// A word is a run of characters between spaces; each punctuation character is a word of its own (`tokenizers`'
/// `BertPreTokenizer`).
struct PreTokenizer: Sendable {
    private enum Kind {
        static let letter: UInt8 = 0
        static let space: UInt8 = 1
        static let punctuation: UInt8 = 2
        static let notASCII: UInt8 = 3
    }

    private let unicode: BertUnicode
    /// A `Kind` for each byte that a character starts with.
    private let kinds: [UInt8]

    init(unicode: BertUnicode = .shared) {
        self.unicode = unicode
        kinds = (0..<256).map { (byte: UInt32) in
            if byte >= 0x80 { return Kind.notASCII }
            if byte == 0x20 { return Kind.space }
            return unicode[byte].isPunctuation ? Kind.punctuation : Kind.letter
        }
    }

    /// The bytes of the first word at or behind the position; nil if there is none.
    ///
    /// - Parameters:
    ///   - text: normalized UTF-8; its only white space is U+0020.
    ///   - position: where the last word ended, or 0.
    func nextWord(in text: Span<UInt8>, from position: Int) -> Range<Int>? {
        let kinds = kinds.span
        var start = position
        while start < text.count, kinds[Int(text[start])] == Kind.space { start += 1 }
        guard start < text.count else { return nil }
        var end = start
        while end < text.count {
            var kind = kinds[Int(text[end])]
            var length = 1
            if kind == Kind.notASCII {
                let (scalar, bytes) = text.scalar(at: end)
                length = bytes
                kind = unicode[scalar].isPunctuation ? Kind.punctuation : Kind.letter
            }
            guard kind == Kind.letter else {
                return start..<(end == start ? end + length : end)
            }
            end += length
        }
        return start..<end
    }
}
