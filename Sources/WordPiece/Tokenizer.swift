/// BERT's uncased WordPiece tokenizer, with the ids of `transformers.BertTokenizer` for any Unicode text.
///
/// A value of four stages, each a small value of its own: normalizer, pre-tokenizer, model, post-processor. It holds
/// tables only and may be shared by any number of threads.
public struct Tokenizer: Sendable {
    /// The tokenizer of bert-base-uncased and all-MiniLM-L6-v2. The first use builds its tables.
    public static let bertBaseUncased = Tokenizer(vocabulary: .bertBaseUncased)

    public let vocabulary: Vocabulary
    public let postProcessor = PostProcessor()
    private let specialTokens = SpecialTokens()
    private let normalizer = Normalizer()
    private let preTokenizer = PreTokenizer()
    private let model: WordPieceModel

    init(vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        model = WordPieceModel(vocabulary)
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
        var encoding = Encoding()
        // English prose has a token for every 4.5 bytes.
        encoding.reserveCapacity(bytes.count / 4 + 1)
        var normalized = NormalizedText()
        var position = 0
        while let special = specialTokens.next(in: bytes, from: position) {
            encodePlain(bytes, position..<special.range.lowerBound, &normalized, &encoding)
            encoding.append(special.id, special.range)
            position = special.range.upperBound
        }
        encodePlain(bytes, position..<bytes.count, &normalized, &encoding)
        return encoding
    }

    /// The same for bytes that may not be UTF-8.
    ///
    /// - Throws: what is wrong and where, if they are not.
    public func encode(validating bytes: Span<UInt8>) throws(UTF8.ValidationError) -> Encoding {
        encode(try UTF8Span(validating: bytes))
    }

    /// Appends the tokens of a part of the text that has no special token in it.
    private func encodePlain(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ normalized: inout NormalizedText, _ encoding: inout Encoding
    ) {
        guard !range.isEmpty else { return }
        normalizer.normalize(bytes, range, into: &normalized)
        let first = encoding.count
        let text = normalized.bytes.span
        var position = 0
        while let word = preTokenizer.nextWord(in: text, from: position) {
            model.tokenize(word, of: text, into: &encoding)
            position = word.upperBound
        }
        encoding.resolveOffsets(from: first, in: normalized)
    }
}
