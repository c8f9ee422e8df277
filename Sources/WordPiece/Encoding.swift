/// The tokens of a text, without `[CLS]` and `[SEP]`, as a struct of arrays of equal length.
public struct Encoding: Sendable, Equatable {
    /// Places in the vocabulary.
    public private(set) var ids: [Int32] = []
    /// Offsets: token n comes from the input's UTF-8 bytes `starts[n]..<ends[n]`.
    ///
    /// They ascend, start and end at characters, and are never empty. A character that becomes several tokens (a Hangul
    /// syllable) gives each of them its range. Stripped marks belong to a token only between its first and last
    /// character. All are those of `tokenizers`, in bytes instead of characters.
    public private(set) var starts: [Int] = []
    public private(set) var ends: [Int] = []
    /// Tokens that are `[UNK]`, also where the text has that written out.
    public private(set) var unknownCount = 0

    init() {}

    public var count: Int { ids.count }
    public var isEmpty: Bool { ids.isEmpty }

    mutating func reserveCapacity(_ capacity: Int) {
        ids.reserveCapacity(capacity)
        starts.reserveCapacity(capacity)
        ends.reserveCapacity(capacity)
    }

    mutating func append(_ id: Int32, _ range: Range<Int>) {
        ids.append(id)
        starts.append(range.lowerBound)
        ends.append(range.upperBound)
        if id == Vocabulary.unknown { unknownCount += 1 }
    }

    /// Takes back tokens of a word that could not be spelled; none of them is `[UNK]`.
    mutating func removeLast(_ count: Int) {
        ids.removeLast(count)
        starts.removeLast(count)
        ends.removeLast(count)
    }

    /// Replaces the offsets of the tokens from `first` on, which are positions in a normalized text, by the input's.
    mutating func resolveOffsets(from first: Int, in text: borrowing NormalizedText) {
        var cursor = NormalizedText.SourceCursor()
        for token in first..<count {
            let source = cursor.source(of: starts[token]..<ends[token], in: text)
            starts[token] = source.lowerBound
            ends[token] = source.upperBound
        }
    }
}
