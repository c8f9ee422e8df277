import Testing
import TritonClient
import WordPiece

@testable import Gateway

/// A tensor's INT64 values.
func integers(_ bytes: [UInt8]) -> [UInt64] {
    stride(from: 0, to: bytes.count, by: 8).map { start in
        (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    }
}

@Suite struct `Rows of tokens` {
    private let encoding = Tokenizer.bertBaseUncased.encode(String(repeating: "one two three four ", count: 200))

    @Test func `are grouped by bucket and cut to the batch size`() {
        let rows = TokenRows(ranges: [0..<62, 0..<63, 0..<10, 5..<60, 0..<254])
        let batches = rows.batches(buckets: LengthBuckets([64, 128, 256]), maxBatch: 2)
        #expect(
            batches == [
                .init(rows: [0, 2], length: 64), .init(rows: [3], length: 64), .init(rows: [1], length: 128),
                .init(rows: [4], length: 256),
            ])
    }

    @Test func `become [CLS], ids, [SEP], padding, and a mask of ones as long as the text`() {
        let rows = TokenRows(ranges: [3..<5, 0..<4])
        let tensors = rows.tensors(.init(rows: [0, 1], length: 8), of: encoding)
        #expect(tensors.map(\.name) == ["input_ids", "attention_mask"])
        #expect(tensors.allSatisfy { $0.shape == [2, 8] && $0.datatype == .int64 })
        let ids = encoding.ids.map { UInt64($0) }
        #expect(
            integers(tensors[0].bytes) == [
                101, ids[3], ids[4], 102, 0, 0, 0, 0, 101, ids[0], ids[1], ids[2], ids[3], 102, 0, 0,
            ])
        #expect(integers(tensors[1].bytes) == [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0])
    }
}

@Suite struct `Sentences for the encoder` {
    private let text = "One two. Three four five! " + String(repeating: "word ", count: 300)
    private var encoding: Encoding { Tokenizer.bertBaseUncased.encode(text) }

    @Test func `are the tokens of the one encoding, and long ones are not cut`() {
        let encoding = encoding
        let plan = SentenceRows([0..<8, 9..<25, 26..<text.utf8.count], of: encoding)
        #expect(plan.ranges == [0..<3, 3..<7, 7..<261, 261..<encoding.count])
    }

    @Test func `without a token are left out`() {
        #expect(SentenceRows([0..<8, 8..<9], of: encoding).ranges.count == 1)
        #expect(SentenceRows([], of: encoding).ranges.isEmpty)
        #expect(SentenceRows([], of: encoding).requests(maxBatch: 8).isEmpty)
    }

    @Test func `fill rows in their order, none longer than the row or the longest sentence`() {
        let many = String(repeating: "One two three four five. ", count: 40)
        let encoding = Tokenizer.bertBaseUncased.encode(many)
        let plan = SentenceRows((0..<40).map { 25 * $0..<25 * $0 + 24 }, of: encoding)
        // Six tokens and two special ones each.
        #expect(plan.requests(maxBatch: 2) == [[0..<16, 16..<32], [32..<40]])
        let giant = String(repeating: "word ", count: 300)
        let whole = Tokenizer.bertBaseUncased.encode(giant)
        #expect(SentenceRows([0..<giant.utf8.count], of: whole).requests(maxBatch: 8) == [[0..<1, 1..<2]])
    }

    @Test func `stand one after the other with [CLS] and [SEP], and zeros behind the last`() {
        let encoding = encoding
        let plan = SentenceRows([0..<8, 9..<25, 9..<25], of: encoding)
        #expect(plan.ranges == [0..<3, 3..<7])
        let tensors = plan.tensors([0..<2, 0..<1], of: encoding)
        #expect(tensors.map(\.name) == ["input_ids", "sentence_lengths"])
        #expect(tensors.map(\.shape) == [[2, 11], [2, 2]])
        let ids = encoding.ids.map { UInt64($0) }
        let first = [101] + ids[0..<3] + [102]
        #expect(integers(tensors[0].bytes) == first + [101] + ids[3..<7] + [102] + first + [0, 0, 0, 0, 0, 0])
        #expect(integers(tensors[1].bytes) == [5, 6, 5, 0])
    }

    @Test func `a sentence in two parts gets their mean, weighted by tokens`() {
        let encoding = encoding
        let plan = SentenceRows([0..<8, 26..<text.utf8.count], of: encoding)
        let rest = Float(encoding.count - 7 - 254)
        let combined = plan.combine([[1, 2], [1, 0], [0, 1]])
        #expect(combined.count == 2)
        #expect(combined[0] == [1, 2])
        #expect(abs(combined[1][0] - 254 / (254 + rest)) < 1e-6)
        #expect(abs(combined[1][1] - rest / (254 + rest)) < 1e-6)
    }
}
