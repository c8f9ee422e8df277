/// The different words of a text, numbered in the order of their first occurrence.
public struct Vocabulary: Sendable {
    /// The number of each word of the text.
    let ids: [Int32]
    /// How often each different word occurs.
    let counts: [Int32]
    /// The place of each different word's first occurrence among the text's words.
    let firsts: [Int32]
    /// What the word lists know of each different word.
    let facts: [WordFacts]

    /// Number of different words.
    public var count: Int { counts.count }

    init(_ words: Words) {
        let lexicon = Lexicon.shared
        var numbering = Numbering(capacity: words.count)
        var ids: [Int32] = []
        var counts: [Int32] = []
        var firsts: [Int32] = []
        var facts: [WordFacts] = []
        ids.reserveCapacity(words.count)
        // Half of an essay's words are new.
        counts.reserveCapacity(words.count / 2 + 8)
        firsts.reserveCapacity(words.count / 2 + 8)
        facts.reserveCapacity(words.count / 2 + 8)
        for index in 0..<words.count {
            let id = numbering.number(of: words.hashes[index])
            if id == counts.count {
                counts.append(1)
                firsts.append(Int32(truncatingIfNeeded: index))
                facts.append(lexicon[words.hashes[index]])
            } else {
                counts[id] += 1
            }
            ids.append(Int32(truncatingIfNeeded: id))
        }
        (self.ids, self.counts, self.firsts, self.facts) = (ids, counts, firsts, facts)
    }
}

/// Numbers different keys 0, 1, 2, … in the order in which they come.
///
/// Open addressing with linear probing, at most half full. Where a key lies depends on a multiplier drawn once a process,
/// so that nobody can write a text whose keys all fall into one place; which number it gets does not.
struct Numbering {
    private struct Entry {
        var key: UInt64 = 0
        /// 0 for a free slot, otherwise the number and one.
        var number: UInt32 = 0
    }

    private static let drawn = UInt64.random(in: .min ... .max) | 1

    private let multiplier = Self.drawn
    private var entries: [Entry]
    private let shift: UInt64
    private(set) var count = 0

    /// - Parameter capacity: different keys at most.
    init(capacity: Int) {
        var bits: UInt64 = 4
        while 1 << bits < capacity * 2 { bits += 1 }
        entries = [Entry](repeating: Entry(), count: 1 << bits)
        shift = 64 - bits
    }

    @inline(__always)
    mutating func number(of key: UInt64) -> Int {
        let mask = entries.count - 1
        var slot = Int(truncatingIfNeeded: (key &* multiplier) >> shift)
        while entries[slot].number != 0 {
            if entries[slot].key == key { return Int(entries[slot].number) - 1 }
            slot = (slot + 1) & mask
        }
        count += 1
        entries[slot] = Entry(key: key, number: UInt32(truncatingIfNeeded: count))
        return count - 1
    }
}
