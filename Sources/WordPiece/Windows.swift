/// A part of an encoding that fits a model, with the bytes of the input that it was made from.
public struct Window: Sendable, Equatable {
    /// Positions of its tokens in the encoding; `[CLS]` and `[SEP]` are not among them.
    public let tokens: Range<Int>
    /// UTF-8 bytes of the input, from its first token's start to its last token's end.
    public let bytes: Range<Int>

    /// Tokens of its row, `[CLS]` and `[SEP]` counted.
    public var length: Int { tokens.count + PostProcessor.specialTokenCount }
}

extension Encoding {
    /// Windows that together hold every token: as few as the overlap allows, and their lengths differ by one at most.
    ///
    /// An encoding without tokens has no windows: there is nothing to judge.
    ///
    /// - Parameters:
    ///   - maximumLength: of a window's row, `[CLS]` and `[SEP]` counted; at least 3.
    ///   - overlap: tokens that each window shares with the next; at least 0, less than `maximumLength - 2`.
    public func windows(maximumLength: Int, overlap: Int) -> [Window] {
        let capacity = maximumLength - PostProcessor.specialTokenCount
        precondition(capacity > 0 && (0..<capacity).contains(overlap), "a window goes on where the last one ended")
        guard count > 0 else { return [] }
        guard count > capacity else { return [window(0..<count)] }
        let stride = capacity - overlap
        let windowCount = (count - overlap + stride - 1) / stride
        // All windows together hold the overlaps twice. The first `longer` windows take the division's remainder.
        let (length, longer) = (count + (windowCount - 1) * overlap).quotientAndRemainder(dividingBy: windowCount)
        var start = 0
        return (0..<windowCount).map { index in
            let end = start + length + (index < longer ? 1 : 0)
            defer { start = end - overlap }
            return window(start..<end)
        }
    }

    private func window(_ tokens: Range<Int>) -> Window {
        Window(tokens: tokens, bytes: starts[tokens.lowerBound]..<ends[tokens.upperBound - 1])
    }
}

/// Row lengths that requests are padded to, because only rows of equal length batch together in Triton.
public struct LengthBuckets: Sendable, Equatable {
    /// Ascending, without repetition.
    public let lengths: [Int]

    /// - Parameter lengths: in any order; at least one, all above 0.
    public init(_ lengths: [Int]) {
        precondition(!lengths.isEmpty && lengths.allSatisfy { $0 > 0 }, "a bucket has room for a token")
        self.lengths = Set(lengths).sorted()
    }

    /// The shortest length that has room for a row of `count` tokens, `[CLS]` and `[SEP]` counted. A row longer than
    /// all keeps its own length: it is not cut.
    public func length(for count: Int) -> Int {
        lengths.first { $0 >= count } ?? count
    }
}
