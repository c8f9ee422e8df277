/// The tokens of a text, without `[CLS]` and `[SEP]`, as a struct of arrays of equal length.
public struct Encoding: Sendable, Equatable {
    /// Places in the vocabulary.
    public let ids: [Int32]
    /// Offsets: token n comes from the input's UTF-8 bytes `starts[n]..<ends[n]`.
    ///
    /// They ascend, start and end at characters, and are never empty. A character that becomes several tokens (a Hangul
    /// syllable) gives each of them its range. Stripped marks belong to a token only between its first and last
    /// character. All are those of `tokenizers`, in bytes instead of characters.
    public let starts: [Int]
    public let ends: [Int]
    /// Tokens that are `[UNK]`, also where the text has that written out.
    public let unknownCount: Int

    public var count: Int { ids.count }
    public var isEmpty: Bool { ids.isEmpty }
}
