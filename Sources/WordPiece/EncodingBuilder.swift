/// An encoding while it grows: arrays with room to write into, so that a token costs three stores and no call.
struct EncodingBuilder {
    /// Equally long; from `count` on their elements are room.
    var ids: [Int32]
    var starts: [Int]
    var ends: [Int]
    /// Tokens written.
    var count = 0
    var unknownCount = 0

    /// - Parameter bytes: length of the text.
    init(textLength bytes: Int) {
        // English prose has a token for every 4.7 bytes; the essays of the dev set seldom need more room.
        let room = bytes / 4 + WordPieceModel.maximumWordLength + 8
        ids = [Int32](repeating: 0, count: room)
        starts = [Int](repeating: 0, count: room)
        ends = [Int](repeating: 0, count: room)
    }

    /// Doubles the room.
    mutating func grow() {
        let room = ids.count
        ids.append(contentsOf: repeatElement(0, count: room))
        starts.append(contentsOf: repeatElement(0, count: room))
        ends.append(contentsOf: repeatElement(0, count: room))
    }

    /// Makes room for the tokens of a word.
    mutating func makeRoom() {
        if ids.count - count < WordPieceModel.maximumWordLength { grow() }
    }

    mutating func append(_ id: Int32, _ range: Range<Int>) {
        if count == ids.count { grow() }
        ids[count] = id
        starts[count] = range.lowerBound
        ends[count] = range.upperBound
        count += 1
        if id == Vocabulary.unknown { unknownCount += 1 }
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

    /// The encoding without the room that is left.
    consuming func finish() -> Encoding {
        ids.removeLast(ids.count - count)
        starts.removeLast(starts.count - count)
        ends.removeLast(ends.count - count)
        return Encoding(ids: ids, starts: starts, ends: ends, unknownCount: unknownCount)
    }
}
