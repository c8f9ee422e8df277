/// BERT's uncased WordPiece tokenizer, with the ids of `transformers.BertTokenizer` for any Unicode text.
///
/// The four stages are small values: normalizer, pre-tokenizer, model, post-processor. Where normalization changes nothing
/// but the case of ASCII, which is nearly everywhere in English, words are read from the input itself, without the first
/// two. It holds tables only and may be shared by any number of threads.
public struct Tokenizer: Sendable {
    /// The tokenizer of bert-base-uncased and all-MiniLM-L6-v2. The first use builds its tables.
    public static let bertBaseUncased = Tokenizer(vocabulary: .bertBaseUncased)

    public let vocabulary: Vocabulary
    public let postProcessor = PostProcessor()
    private let unicode = BertUnicode.shared
    private let specialTokens = SpecialTokens()
    private let normalizer = Normalizer()
    private let preTokenizer = PreTokenizer()
    private let model: WordPieceModel
    private let plainScanner: PlainScanner

    init(vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        model = WordPieceModel(vocabulary)
        plainScanner = PlainScanner(model)
    }

    /// The tokens of a text, uncut, without `[CLS]` and `[SEP]`, which `postProcessor` adds.
    ///
    /// Offsets are UTF-8 bytes of `text`. Time and memory are linear in its length, whatever it holds.
    public func encode(_ text: String) -> Encoding {
        encode(text.utf8Span)
    }

    /// The same for UTF-8 that has been validated.
    public func encode(_ text: UTF8Span) -> Encoding {
        let bytes = text.span
        var output = EncodingBuilder(textLength: bytes.count)
        var normalized = NormalizedText()
        var position = 0
        // Where the text begins for the stages: at its start, and again behind each special token.
        var partStart = 0
        while true {
            switch plainScanner.scan(bytes, from: &position, into: &output) {
            case .end: return output.finish()
            case .full: output.grow()
            case .bracket:
                if let special = specialTokens.token(in: bytes, at: position) {
                    output.append(special.id, special.range)
                    position = special.range.upperBound
                    partStart = position
                } else {
                    model.tokenize(position..<(position + 1), of: bytes, into: &output)
                    position += 1
                }
            case .notPlain:
                position = encodeCharacters(bytes, from: position, partStart: partStart, &normalized, &output)
            }
        }
    }

    /// The same for bytes that may not be UTF-8.
    ///
    /// - Throws: what is wrong and where, if they are not.
    public func encode(validating bytes: Span<UInt8>) throws(UTF8.ValidationError) -> Encoding {
        encode(try UTF8Span(validating: bytes))
    }

    /// Appends the tokens of the word at a position, or of the single character there, whatever characters they are.
    ///
    /// - Parameter partStart: no character before it has a part in what comes behind it.
    /// - Returns: where it ended.
    private func encodeCharacters(
        _ bytes: Span<UInt8>, from start: Int, partStart: Int, _ normalized: inout NormalizedText,
        _ output: inout EncodingBuilder
    ) -> Int {
        var position = start
        var isPlain = true
        while position < bytes.count {
            let (scalar, length) = bytes.scalar(at: position)
            let kind = unicode.kind(scalar)
            guard kind == .letter || kind == .other else {
                if position > start { break }
                let end = position + length
                if kind != .space { model.tokenize(position..<end, of: bytes, into: &output) }
                return end
            }
            if kind == .other { isPlain = false }
            position += length
        }
        encodeWord(bytes, start..<position, isPlain, partStart, &normalized, &output)
        return position
    }

    private func encodeWord(
        _ bytes: Span<UInt8>, _ word: Range<Int>, _ isPlain: Bool, _ partStart: Int,
        _ normalized: inout NormalizedText, _ output: inout EncodingBuilder
    ) {
        if isPlain { return model.tokenize(word, of: bytes, into: &output) }
        let preceding = word.lowerBound > partStart ? bytes.character(endingAt: word.lowerBound) : 0..<0
        encodeByStages(bytes, word, preceding: preceding, &normalized, &output)
    }

    /// Appends the tokens of a part of the text that has no special token in it, through all stages.
    ///
    /// - Parameter preceding: the character before the part, empty where there is none.
    private func encodeByStages(
        _ bytes: Span<UInt8>, _ part: Range<Int>, preceding: Range<Int>, _ normalized: inout NormalizedText,
        _ output: inout EncodingBuilder
    ) {
        normalizer.normalize(bytes, part, preceding: preceding, into: &normalized)
        let first = output.count
        let text = normalized.bytes.span
        var position = 0
        while let word = preTokenizer.nextWord(in: text, from: position) {
            model.tokenize(word, of: text, into: &output)
            position = word.upperBound
        }
        output.resolveOffsets(from: first, in: normalized)
    }

    /// The tokens of a text, all of it through all stages: what `encode` must equal.
    func encodeByStages(_ text: String) -> Encoding {
        let bytes = text.utf8Span.span
        var output = EncodingBuilder(textLength: bytes.count)
        var normalized = NormalizedText()
        var partStart = 0
        for position in 0..<bytes.count {
            guard position >= partStart, let special = specialTokens.token(in: bytes, at: position) else { continue }
            encodeByStages(bytes, partStart..<position, preceding: 0..<0, &normalized, &output)
            output.append(special.id, special.range)
            partStart = special.range.upperBound
        }
        encodeByStages(bytes, partStart..<bytes.count, preceding: 0..<0, &normalized, &output)
        return output.finish()
    }
}
