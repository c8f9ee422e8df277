/// Normalized UTF-8 that remembers where in the input each of its bytes comes from.
///
/// The memory is sparse: unchanged ASCII, nearly all of English prose, costs one anchor a run and not one a byte.
struct NormalizedText {
    /// From its `position` up to the next anchor's, normalized bytes but spaces come from the input in one of two ways.
    private struct Anchor {
        /// Index of the first normalized byte.
        var position: Int
        /// Index of the input's byte that it comes from.
        var source: Int
        /// Bytes of the input that all these normalized bytes stand for together (a character and its replacement);
        /// 0 where each stands for one byte, in step with the input.
        var length: Int
    }

    private(set) var bytes: [UInt8] = []
    private var anchors: [Anchor] = []
    /// Input index less normalized index, if the last anchor is in step with the input.
    private var step: Int?

    /// Empties the text and keeps its memory; `capacity` normalized bytes will do without growing.
    mutating func reset(capacity: Int) {
        bytes.removeAll(keepingCapacity: true)
        // At least a long word, so that the words of a text after the first seldom need more.
        bytes.reserveCapacity(max(capacity, 64))
        anchors.removeAll(keepingCapacity: true)
        anchors.reserveCapacity(16)
        step = nil
    }

    /// Appends a scalar value that comes from the given bytes of the input.
    mutating func append(_ scalar: UInt32, from source: Range<Int>) {
        anchors.append(Anchor(position: bytes.count, source: source.lowerBound, length: source.count))
        step = nil
        bytes.append(utf8: scalar)
    }

    /// Appends a space that comes from a character which is not ASCII. No token holds a space, so that nobody asks where it
    /// comes from, and it needs no anchor: three an ideograph would take 24 bytes for each byte of Chinese.
    mutating func appendSpace() {
        step = nil
        bytes.append(UInt8(ascii: " "))
    }

    /// Appends the images of ASCII bytes of the input, from `index` until one is not ASCII, has no image or is at `end`.
    ///
    /// - Parameter images: 128 bytes; 0 for a byte without an image.
    /// - Returns: the index of the first byte not read.
    mutating func appendASCII(_ source: Span<UInt8>, from index: Int, to end: Int, images: Span<UInt8>) -> Int {
        if step != index - bytes.count {
            anchors.append(Anchor(position: bytes.count, source: index, length: 0))
            step = index - bytes.count
        }
        var index = index
        while index < end {
            let byte = source[index]
            guard byte < 0x80 else { break }
            let image = images[Int(byte)]
            guard image != 0 else { break }
            bytes.append(image)
            index += 1
        }
        return index
    }
}

extension NormalizedText {
    /// Finds where ascending ranges of the text come from, in constant time each on average.
    struct SourceCursor {
        private var anchor = 0

        /// The bytes of the input that a range of normalized bytes comes from.
        ///
        /// - Parameter range: not empty, not before any range asked for earlier.
        mutating func source(of range: Range<Int>, in text: borrowing NormalizedText) -> Range<Int> {
            advance(to: range.lowerBound, in: text)
            let first = text.anchors[anchor]
            let start = first.length == 0 ? first.source + (range.lowerBound - first.position) : first.source
            advance(to: range.upperBound - 1, in: text)
            let last = text.anchors[anchor]
            let end = last.length == 0 ? last.source + (range.upperBound - last.position) : last.source + last.length
            return start..<end
        }

        private mutating func advance(to position: Int, in text: borrowing NormalizedText) {
            while anchor + 1 < text.anchors.count, text.anchors[anchor + 1].position <= position { anchor += 1 }
        }
    }
}
