/// A cleaned text, segmented once: paragraphs, sentences, tokens, words. Every feature reads it from here.
///
/// Offsets are bytes of ``CleanText/bytes``; `clean.originalRange` leads back to the text as given. Making it takes time
/// and memory linear in the text's length.
public struct Document: Sendable {
    public let clean: CleanText
    /// Byte ranges, ascending; none is empty.
    public let paragraphs: [Range<Int>]
    /// Byte ranges without the white space around, ascending; each holds at least one token.
    public let sentences: [Range<Int>]
    public let tokens: Tokens
    /// The tokens of each sentence.
    public let sentenceTokens: [Range<Int>]
    public let words: Words
    /// The different words.
    public let vocabulary: Vocabulary
    /// Sequences of words.
    let nGrams: NGrams
    /// The words of each sentence; empty for a sentence of marks.
    public let sentenceWords: [Range<Int>]
    /// Pieces of text between white space.
    public let pieceCount: Int
    /// Unicode scalars that are not white space.
    public let characterCount: Int
    /// Whether the text is English, as far as its words tell.
    public let english: EnglishProbe

    public init(_ clean: CleanText) {
        var scanner = TokenScanner(clean.bytes)
        scanner.scan()
        let tokens = scanner.tokens
        let words = scanner.words
        let sentenceTokens = SentenceSplitter.split(clean.bytes, tokens)
        let sentences = sentenceTokens.map { tokens.starts[$0.lowerBound]..<tokens.ends[$0.upperBound - 1] }
        self.clean = clean
        self.tokens = tokens
        self.words = words
        self.sentenceTokens = sentenceTokens
        self.sentences = sentences
        paragraphs = Self.paragraphs(tokens)
        sentenceWords = Self.group(words.starts, by: sentences)
        pieceCount = scanner.pieceCount
        characterCount = scanner.scalarCount
        vocabulary = Vocabulary(words)
        nGrams = NGrams(vocabulary.ids)
        english = EnglishProbe(vocabulary)
    }

    public var wordCount: Int { words.count }
    public var sentenceCount: Int { sentences.count }
    public var looksEnglish: Bool { english.looksEnglish }

    private static func paragraphs(_ tokens: Tokens) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var start = 0
        for index in 0..<tokens.count where index > start && tokens.gaps[index] == .paragraph {
            result.append(tokens.starts[start]..<tokens.ends[index - 1])
            start = index
        }
        if start < tokens.count { result.append(tokens.starts[start]..<tokens.ends[tokens.count - 1]) }
        return result
    }

    /// For each range the indices of the positions in it. Both are ascending.
    private static func group(_ positions: [Int], by ranges: [Range<Int>]) -> [Range<Int>] {
        var index = 0
        return ranges.map { range in
            while index < positions.count, positions[index] < range.lowerBound { index += 1 }
            let first = index
            while index < positions.count, positions[index] < range.upperBound { index += 1 }
            return first..<index
        }
    }
}
