/// The tokens of a WordPiece model. A token's id is its place in the list.
///
/// A token that goes on inside a word has the prefix `##`; all others start a word.
public struct Vocabulary: Sendable {
    /// Padding behind the last token of a row; its attention mask is 0.
    public static let pad: Int32 = 0
    /// `[UNK]`: a word that the model cannot spell.
    public static let unknown: Int32 = 100
    /// `[CLS]`, the first token of a row.
    public static let cls: Int32 = 101
    /// `[SEP]`, the last token of a row.
    public static let sep: Int32 = 102
    /// `[MASK]`.
    public static let mask: Int32 = 103

    /// bert-base-uncased: 30,522 tokens of at most 18 bytes; also the vocabulary of all-MiniLM-L6-v2.
    public static let bertBaseUncased = Vocabulary(lines: bertBaseUncasedText, trie: bertBaseUncasedTrieText)

    /// One token a line, without a line break behind the last.
    private let text: String
    /// A trie of the tokens, as `DoubleArrayTrie.init(generated:)` reads it.
    private let trieText: String
    /// Where each line starts in the text's UTF-8, and one past the end of the last line's imagined line break.
    private let lineStarts: [Int]

    private init(lines text: String, trie: String) {
        var lineStarts = [0]
        let bytes = text.utf8.span
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") { lineStarts.append(index + 1) }
        lineStarts.append(bytes.count + 1)
        self.text = text
        trieText = trie
        self.lineStarts = lineStarts
    }

    /// Number of tokens.
    public var count: Int { lineStarts.count - 1 }

    /// The token of an id, for people to read; nil if there is none.
    public func token(_ id: Int32) -> String? {
        guard id >= 0, id < count else { return nil }
        let line = byteRange(Int(id))
        return String(decoding: text.utf8.dropFirst(line.lowerBound).prefix(line.count), as: UTF8.self)
    }

    /// Calls the closure once with the UTF-8 of all tokens and the range of each, in the order of the ids.
    func withTokens<Result>(_ body: (_ bytes: Span<UInt8>, _ tokens: [Range<Int>]) -> Result) -> Result {
        body(text.utf8.span, (0..<count).map(byteRange))
    }

    /// A trie whose keys are the tokens and whose values are their ids.
    func makeTrie() -> DoubleArrayTrie {
        DoubleArrayTrie(generated: trieText)
    }

    private func byteRange(_ line: Int) -> Range<Int> {
        lineStarts[line]..<(lineStarts[line + 1] - 1)
    }
}
