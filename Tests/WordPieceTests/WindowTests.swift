import Testing

@testable import WordPiece

@Suite("Windows")
struct WindowTests {
    /// An encoding with as many tokens as words.
    private func encoding(tokens: Int) -> Encoding {
        Tokenizer.bertBaseUncased.encode(String(repeating: "word ", count: tokens))
    }

    @Test("A text without tokens has no windows")
    func none() {
        #expect(encoding(tokens: 0).windows(maximumLength: 16, overlap: 4).isEmpty)
    }

    @Test("A text that fits is one window with all its bytes", arguments: [1, 13, 14])
    func one(_ tokens: Int) {
        let windows = encoding(tokens: tokens).windows(maximumLength: 16, overlap: 4)
        #expect(windows == [Window(tokens: 0..<tokens, bytes: 0..<(tokens * 5 - 1))])
        #expect(windows[0].length == tokens + 2)
    }

    @Test("One token more makes two windows of nearly equal length, not a tiny one")
    func two() {
        let windows = encoding(tokens: 15).windows(maximumLength: 16, overlap: 4)
        #expect(windows.map(\.tokens) == [0..<10, 6..<15])
        #expect(windows.map(\.bytes) == [0..<49, 30..<74])
    }

    @Test("Windows hold every token, overlap as asked, fit, are balanced and no more than needed")
    func anyShape() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let maximumLength = Int.random(in: 3...40, using: &random)
            let overlap = Int.random(in: 0..<(maximumLength - 2), using: &random)
            let tokens = Int.random(in: 1...300, using: &random)
            let encoding = encoding(tokens: tokens)
            let windows = encoding.windows(maximumLength: maximumLength, overlap: overlap)
            let shape = "seed \(seed): \(tokens) tokens, length \(maximumLength), overlap \(overlap)"
            #expect(windows.first?.tokens.lowerBound == 0, "\(shape)")
            #expect(windows.last?.tokens.upperBound == tokens, "\(shape)")
            #expect(windows.allSatisfy { $0.length <= maximumLength && !$0.tokens.isEmpty }, "\(shape)")
            for (window, next) in zip(windows, windows.dropFirst()) {
                #expect(window.tokens.upperBound - next.tokens.lowerBound == overlap, "\(shape)")
                #expect(window.tokens.lowerBound < next.tokens.lowerBound, "\(shape)")
            }
            let lengths = windows.map(\.length)
            #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1, "\(shape)")
            let fewer = windows.count - 1
            if fewer > 0 { #expect(fewer * (maximumLength - 2) - (fewer - 1) * overlap < tokens, "\(shape)") }
            for window in windows {
                #expect(window.bytes.lowerBound == encoding.starts[window.tokens.lowerBound], "\(shape)")
                #expect(window.bytes.upperBound == encoding.ends[window.tokens.upperBound - 1], "\(shape)")
            }
        }
    }
}

@Suite("Length buckets")
struct LengthBucketTests {
    @Test(
        "A row is padded to the shortest bucket that has room for it",
        arguments: [(0, 64), (64, 64), (65, 128), (129, 256), (512, 512)])
    func bucket(_ count: Int, _ length: Int) {
        #expect(LengthBuckets([512, 64, 128, 256, 64]).length(for: count) == length)
    }

    @Test("A row longer than every bucket keeps its length")
    func long() {
        #expect(LengthBuckets([64, 128]).length(for: 129) == 129)
    }
}
