/// Special tokens written out in a text, such as `[SEP]`, are those tokens.
///
/// `BertTokenizer` finds them in the text as given, before normalization: in capitals only, also within a word.
struct SpecialTokens: Sendable {
    private let tokens: [(text: [UInt8], id: Int32)] = [
        (Array("[PAD]".utf8), Vocabulary.pad),
        (Array("[UNK]".utf8), Vocabulary.unknown),
        (Array("[CLS]".utf8), Vocabulary.cls),
        (Array("[SEP]".utf8), Vocabulary.sep),
        (Array("[MASK]".utf8), Vocabulary.mask),
    ]

    /// The first special token at or behind the position: its bytes and its id.
    func next(in text: Span<UInt8>, from position: Int) -> (range: Range<Int>, id: Int32)? {
        for index in position..<text.count where text[index] == UInt8(ascii: "[") {
            // All start with a bracket and have none inside, so they cannot overlap and the first is the only one.
            for token in tokens where matches(token.text, text, at: index) {
                return (index..<(index + token.text.count), token.id)
            }
        }
        return nil
    }

    private func matches(_ token: [UInt8], _ text: Span<UInt8>, at index: Int) -> Bool {
        guard text.count - index >= token.count else { return false }
        for offset in token.indices where text[index + offset] != token[offset] { return false }
        return true
    }
}
