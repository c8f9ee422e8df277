import TritonClient
import WordPiece

/// Token ranges of one encoding, grouped into requests: rows of a request share a padded length, because only
/// requests of equal shape batch together in Triton.
struct TokenRows: Sendable {
    /// One request: which rows it carries, and how long each is with padding.
    struct Batch: Sendable, Equatable {
        var rows: [Int]
        var length: Int
    }

    /// Ranges of token positions, `[CLS]` and `[SEP]` not counted.
    var ranges: [Range<Int>]

    /// Groups the rows by bucket, at most `maxBatch` a request, shortest first.
    func batches(buckets: LengthBuckets, maxBatch: Int) -> [Batch] {
        let byLength = Dictionary(grouping: ranges.indices) {
            buckets.length(for: ranges[$0].count + PostProcessor.specialTokenCount)
        }
        return byLength.sorted { $0.key < $1.key }.flatMap { length, rows in
            stride(from: 0, to: rows.count, by: maxBatch).map { start in
                Batch(rows: Array(rows[start..<min(start + maxBatch, rows.count)]), length: length)
            }
        }
    }

    /// `input_ids` and `attention_mask`, INT64 [rows, length], for one batch.
    func tensors(_ batch: Batch, of encoding: Encoding) -> [Tensor] {
        let shape = [batch.rows.count, batch.length]
        var ids: [Int64] = []
        var mask: [Int64] = []
        ids.reserveCapacity(batch.rows.count * batch.length)
        mask.reserveCapacity(batch.rows.count * batch.length)
        for row in batch.rows {
            let used = ranges[row].count + PostProcessor.specialTokenCount
            ids += Tokenizer.bertBaseUncased.postProcessor.paddedIDs(encoding, ranges[row], length: batch.length)
            mask += (0..<batch.length).map { $0 < used ? 1 : 0 }
        }
        return [.int64("input_ids", shape: shape, ids), .int64("attention_mask", shape: shape, mask)]
    }
}
