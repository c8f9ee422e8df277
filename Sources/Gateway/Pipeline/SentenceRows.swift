import WordPiece

/// The sentences of an essay as rows for the sentence encoder, cut out of the one encoding there is.
struct SentenceRows: Sendable {
    /// Tokens that the encoder reads at once, `[CLS]` and `[SEP]` included (sentence-transformers' limit).
    static let maximumLength = 256

    private(set) var rows = TokenRows(ranges: [])
    /// For each row, its sentence.
    private var sentenceOfRow: [Int] = []
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
                rows.ranges.append(start..<min(start + Self.maximumLength - 2, token))
                sentenceOfRow.append(sentenceCount)
            }
            sentenceCount += 1
        }
    }

    /// Averages the rows of each sentence, weighted by tokens. One row is left as it is.
    func combine(_ embeddings: [[Float]]) -> [[Float]] {
        var result = [[Float]](repeating: [], count: sentenceCount)
        var weights = [Float](repeating: 0, count: sentenceCount)
        for (row, embedding) in embeddings.enumerated() {
            let (sentence, weight) = (sentenceOfRow[row], Float(rows.ranges[row].count))
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
