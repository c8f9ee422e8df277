import TritonClient
import WordPiece

/// The sentences of an essay for the sentence encoder, cut out of the one encoding there is and packed: some sentences a
/// row, one after the other, where none sees another.
struct SentenceRows: Sendable {
    /// Tokens of a sentence that the encoder reads at once, `[CLS]` and `[SEP]` included (sentence-transformers' limit).
    static let maximumLength = 256
    /// Tokens of a row, if no sentence is longer. Attention costs the square of it; short rows are padded more.
    static let rowLength = 128

    /// Ranges of token positions, `[CLS]` and `[SEP]` not counted. A sentence that is too long has several.
    private(set) var ranges: [Range<Int>] = []
    /// For each range, its sentence.
    private var sentenceOfRange: [Int] = []
    private var sentenceCount = 0

    /// - Parameter sentences: byte ranges of the text that `encoding` was made from, ascending. Sentences without a
    ///   token are left out.
    init(_ sentences: [Range<Int>], of encoding: Encoding) {
        var token = 0
        for sentence in sentences {
            while token < encoding.count, encoding.starts[token] < sentence.lowerBound { token += 1 }
            let first = token
            while token < encoding.count, encoding.starts[token] < sentence.upperBound { token += 1 }
            guard first < token else { continue }
            for start in stride(from: first, to: token, by: Self.maximumLength - 2) {
                ranges.append(start..<min(start + Self.maximumLength - 2, token))
                sentenceOfRange.append(sentenceCount)
            }
            sentenceCount += 1
        }
    }

    private func tokens(_ range: Range<Int>) -> Int { range.count + PostProcessor.specialTokenCount }

    /// Which ranges go together in a row, in their order, and which rows in a request.
    func requests(maxBatch: Int) -> [[Range<Int>]] {
        let capacity = ranges.reduce(Self.rowLength) { max($0, tokens($1)) }
        var rows: [Range<Int>] = []
        var first = 0
        var length = 0
        for (place, range) in ranges.enumerated() {
            if length + tokens(range) > capacity {
                rows.append(first..<place)
                (first, length) = (place, 0)
            }
            length += tokens(range)
        }
        if first < ranges.count { rows.append(first..<ranges.count) }
        return stride(from: 0, to: rows.count, by: maxBatch).map { Array(rows[$0..<min($0 + maxBatch, rows.count)]) }
    }

    /// `input_ids` INT64 [rows, tokens] and `sentence_lengths` INT64 [rows, sentences] of a request; zeros fill both up.
    func tensors(_ rows: [Range<Int>], of encoding: Encoding) -> [Tensor] {
        let width = rows.map { row in ranges[row].reduce(0) { $0 + tokens($1) } }.max() ?? 0
        let most = rows.map(\.count).max() ?? 0
        var ids: [Int64] = []
        var lengths: [Int64] = []
        ids.reserveCapacity(rows.count * width)
        lengths.reserveCapacity(rows.count * most)
        for (number, row) in rows.enumerated() {
            for range in ranges[row] {
                ids += Tokenizer.bertBaseUncased.postProcessor.paddedIDs(encoding, range, length: tokens(range))
                lengths.append(Int64(tokens(range)))
            }
            ids.append(contentsOf: repeatElement(0, count: (number + 1) * width - ids.count))
            lengths.append(contentsOf: repeatElement(0, count: most - row.count))
        }
        return [
            .int64("input_ids", shape: [rows.count, width], ids),
            .int64("sentence_lengths", shape: [rows.count, most], lengths),
        ]
    }

    /// Averages the ranges of each sentence, weighted by tokens. One range is left as it is.
    func combine(_ embeddings: [[Float]]) -> [[Float]] {
        var result = [[Float]](repeating: [], count: sentenceCount)
        var weights = [Float](repeating: 0, count: sentenceCount)
        for (place, embedding) in embeddings.enumerated() {
            let (sentence, weight) = (sentenceOfRange[place], Float(ranges[place].count))
            if result[sentence].isEmpty {
                (result[sentence], weights[sentence]) = (embedding, weight)
                continue
            }
            let total = weights[sentence] + weight
            for index in embedding.indices {
                let sum = result[sentence][index] * weights[sentence] + embedding[index] * weight
                result[sentence][index] = sum / total
            }
            weights[sentence] = total
        }
        return result
    }
}
