/// The third stage: spells a word in pieces of the vocabulary, each time the longest that fits.
///
/// A word that cannot be spelled to its end, or that is longer than `maximumWordLength`, is one `[UNK]`.
struct WordPieceModel: Sendable {
    /// Characters of a normalized word, as in the original BERT.
    static let maximumWordLength = 100

    let words: WordTable
    private let trie: DoubleArrayTrie
    /// Where pieces inside a word start: behind the bytes of the prefix `##`. No word can take that way by itself,
    /// because the number sign is punctuation and so a word of its own.
    private let continuation: DoubleArrayTrie.Node
    private let unknown: Int32

    /// - Precondition: the vocabulary has tokens with the prefix `##`.
    init(_ vocabulary: Vocabulary, unknown: Int32 = Vocabulary.unknown) {
        words = vocabulary.withTokens { bytes, tokens in WordTable(tokens, in: bytes) }
        trie = vocabulary.makeTrie()
        guard
            let sign = trie.child(of: DoubleArrayTrie.root, UInt8(ascii: "#")),
            let continuation = trie.child(of: sign, UInt8(ascii: "#"))
        else { preconditionFailure("a WordPiece vocabulary has tokens with the prefix ##") }
        self.continuation = continuation
        self.unknown = unknown
    }

    /// Appends a word's tokens. Their offsets are positions in the text.
    ///
    /// - Parameters:
    ///   - word: not empty; capital letters of ASCII count as small ones, all else is normalized.
    func tokenize(_ word: Range<Int>, of text: Span<UInt8>, into tokens: inout EncodingBuilder) {
        if word.count <= WordTable.maximumLength {
            let (low, high) = WordTable.key(word, of: text)
            if let id = words.id(low, high) { return tokens.append(id, word) }
        }
        tokens.makeRoom()
        spell(word, of: text, &tokens.ids, &tokens.starts, &tokens.ends, &tokens.count, &tokens.unknownCount)
    }

    private func spell(
        _ word: Range<Int>, of text: Span<UInt8>, _ idRoom: inout [Int32], _ startRoom: inout [Int],
        _ endRoom: inout [Int], _ count: inout Int, _ unknownCount: inout Int
    ) {
        var ids = idRoom.mutableSpan
        var starts = startRoom.mutableSpan
        var ends = endRoom.mutableSpan
        spell(word, of: text, &ids, &starts, &ends, &count, &unknownCount)
    }

    /// Writes the tokens of a word that is not in the vocabulary as a whole, or too long to tell quickly.
    ///
    /// Linear in the word's length: a piece is no longer than the longest token, 18 bytes, and words of more than 100
    /// characters are not spelled at all. So there are at most 100 tokens, for which there must be room.
    @inline(never)
    func spell(
        _ word: Range<Int>, of text: Span<UInt8>, _ ids: inout MutableSpan<Int32>, _ starts: inout MutableSpan<Int>,
        _ ends: inout MutableSpan<Int>, _ count: inout Int, _ unknownCount: inout Int
    ) {
        var token = count
        var start = word.lowerBound
        var node = DoubleArrayTrie.root
        while start < word.upperBound {
            guard token > count || !isTooLong(word, of: text),
                let (id, end) = trie.longestMatch(in: text, start..<word.upperBound, from: node)
            else {
                token = count
                ids[token] = unknown
                starts[token] = word.lowerBound
                ends[token] = word.upperBound
                unknownCount += 1
                token += 1
                break
            }
            ids[token] = id
            starts[token] = start
            ends[token] = end
            token += 1
            start = end
            node = continuation
        }
        count = token
    }

    private func isTooLong(_ word: Range<Int>, of text: Span<UInt8>) -> Bool {
        guard word.count > Self.maximumWordLength else { return false }
        var characters = 0
        for index in word where text[index] & 0xC0 != 0x80 {
            characters += 1
            if characters > Self.maximumWordLength { return true }
        }
        return false
    }
}
