/// A text as the models and the features see it, and the way back to the text as it was given.
public struct CleanText: Sendable {
    /// The cleaned text in UTF-8. Lines end in `\n`, a blank line lies between paragraphs, and white space is
    /// otherwise single spaces.
    public let bytes: [UInt8]
    /// The same as a `String`.
    public let text: String
    /// What was removed and folded.
    public let hygiene: Hygiene
    /// Length in bytes of the text as given.
    public let originalCount: Int

    /// One map a cleaning stage, first stage first.
    private let maps: [OffsetMap]

    init(bytes: [UInt8], hygiene: Hygiene, originalCount: Int, maps: [OffsetMap]) {
        self.bytes = bytes
        self.text = String(decoding: bytes, as: UTF8.self)
        self.hygiene = hygiene
        self.originalCount = originalCount
        self.maps = maps
    }

    /// Maps a byte range of the cleaned text to the byte range of the text as given that it came from.
    ///
    /// Both ends of the result are scalar boundaries. The range is widened to whole scalars, and to the whole of a
    /// replaced piece (an HTML entity, say). What was removed inside it is included, what was removed at its ends is
    /// not. Larger ranges map to larger ranges, later ones to later ones. Ends outside of the text are clamped.
    /// O(log of the number of changes).
    public func originalRange(_ cleaned: Range<Int>) -> Range<Int> {
        var range = cleaned.clamped(to: 0..<bytes.count)
        if !range.isEmpty {
            var (lower, upper) = (range.lowerBound, range.upperBound)
            while lower > 0, UTF8Scalars.isContinuation(bytes[lower]) { lower -= 1 }
            while upper < bytes.count, UTF8Scalars.isContinuation(bytes[upper]) { upper += 1 }
            range = lower..<upper
        } else if range.lowerBound < bytes.count {
            var lower = range.lowerBound
            while lower > 0, UTF8Scalars.isContinuation(bytes[lower]) { lower -= 1 }
            range = lower..<lower
        }
        for map in maps.reversed() { range = map.inputRange(range) }
        return range
    }
}
