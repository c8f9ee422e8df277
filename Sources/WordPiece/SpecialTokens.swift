/// Special tokens written out in a text, such as `[SEP]`, are those tokens.
///
/// `BertTokenizer` finds them in the text as given, before normalization: in capitals only, also within a word. All
/// start with a bracket and have none inside, so that they cannot overlap.
struct SpecialTokens: Sendable {
    private static let tokens: [(text: UInt64, length: Int, id: Int32)] = [
        ("[PAD]", Vocabulary.pad), ("[UNK]", Vocabulary.unknown), ("[CLS]", Vocabulary.cls), ("[SEP]", Vocabulary.sep),
        ("[MASK]", Vocabulary.mask),
    ].map { text, id in (Array(text.utf8).span.eightBytes(at: 0), text.utf8.count, id) }

    private let tokens = Self.tokens

    /// Whether there may be a special token at an opening bracket: a capital letter follows it.
    @inline(__always)
    static func mayStart(_ text: Span<UInt8>, at bracket: Int) -> Bool {
        bracket &+ 1 < text.count && text[bracket &+ 1] &- UInt8(ascii: "A") < 26
    }

    /// The special token at a position: its bytes and its id.
    func token(in text: Span<UInt8>, at position: Int) -> (range: Range<Int>, id: Int32)? {
        let bytes = text.eightBytes(at: position)
        for token in tokens where (bytes ^ token.text) &<< UInt64(64 - 8 * token.length) == 0 {
            return (position..<(position + token.length), token.id)
        }
        return nil
    }
}
