/// The last stage: puts `[CLS]` before and `[SEP]` behind the tokens of a text.
public struct PostProcessor: Sendable {
    /// Tokens that a row has beside its text's.
    public static let specialTokenCount = 2

    /// A text's tokens with `[CLS]` and `[SEP]`.
    ///
    /// The offsets of these two are 0..<0, as in `tokenizers`: they come from no part of the text.
    public struct Row: Sendable, Equatable {
        public let ids: [Int32]
        /// UTF-8 bytes of the input, one range a token.
        public let starts: [Int]
        public let ends: [Int]
    }

    /// All tokens of an encoding, uncut, as one row.
    public func row(_ encoding: Encoding) -> Row {
        Row(
            ids: [Vocabulary.cls] + encoding.ids + [Vocabulary.sep], starts: [0] + encoding.starts + [0],
            ends: [0] + encoding.ends + [0])
    }

    /// The ids of one row of a tensor INT64 [rows, length]: `[CLS]`, some of an encoding's tokens, `[SEP]`, padding.
    ///
    /// - Parameters:
    ///   - tokens: positions in the encoding.
    ///   - length: of the row; at least `tokens.count + 2`.
    public func paddedIDs(_ encoding: Encoding, _ tokens: Range<Int>, length: Int) -> [Int64] {
        precondition(tokens.count + Self.specialTokenCount <= length, "a row is never cut")
        var ids = [Int64](repeating: Int64(Vocabulary.pad), count: length)
        ids[0] = Int64(Vocabulary.cls)
        for (place, token) in tokens.enumerated() { ids[place + 1] = Int64(encoding.ids[token]) }
        ids[tokens.count + 1] = Int64(Vocabulary.sep)
        return ids
    }
}
