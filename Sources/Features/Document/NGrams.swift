/// Counts of sequences of words.
struct NGrams: Sendable {
    /// How often each different pair of words occurs, in the order of their first occurrence.
    private(set) var bigramCounts: [Int32] = []
    private(set) var distinctTrigrams = 0
    private(set) var distinctFourgrams = 0

    var distinctBigrams: Int { bigramCounts.count }

    /// - Parameter ids: numbers of words.
    init(_ ids: [Int32]) {
        guard ids.count > 1 else { return }
        bigramCounts.reserveCapacity(ids.count)
        // A pair is numbered by its two words, a triple by its first pair and last word, and so on: no two different
        // ones ever share a key.
        var bigrams = Numbering(capacity: ids.count)
        var trigrams = Numbering(capacity: ids.count)
        var fourgrams = Numbering(capacity: ids.count)
        var (bigram, trigram) = (0, 0)
        for index in 1..<ids.count {
            let last = UInt64(UInt32(bitPattern: ids[index]))
            if index >= 3 { _ = fourgrams.number(of: UInt64(trigram) << 32 | last) }
            if index >= 2 { trigram = trigrams.number(of: UInt64(bigram) << 32 | last) }
            bigram = bigrams.number(of: UInt64(UInt32(bitPattern: ids[index - 1])) << 32 | last)
            if bigram == bigramCounts.count { bigramCounts.append(1) } else { bigramCounts[bigram] += 1 }
        }
        (distinctTrigrams, distinctFourgrams) = (trigrams.count, fourgrams.count)
    }
}
