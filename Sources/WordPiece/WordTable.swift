/// Whole words of at most 16 bytes and their ids: nineteen words of twenty in an essay need no spelling.
///
/// A word is a key of 16 bytes, zero bytes behind it, as two integers; a word of at most 8 bytes has a second integer of
/// 0. No key has a zero byte before its end, and none is empty.
struct WordTable: Sendable {
    static let maximumLength = 16

    /// Odd, so that multiplying by it loses nothing. The best of 2,000 random ones: 1.4 % of the words in the dev essays
    /// are not in their first slot.
    private static let multiplier: UInt64 = 0x170C_4B00_ECD7_8663
    private static let homeBits: UInt64 = 16

    /// Words of at most 8 bytes at their first slot, the upper 16 bits of the product with the multiplier; the slot holds
    /// the lower 48 bits above the id's 16. The product is known from both, and the key from the product, so that one
    /// load and one comparison find a word for certain. An empty slot is 0, which only a key that begins with a zero
    /// byte would match.
    private var homes: [UInt64]
    /// The other words: those whose first slot was taken, and the longer ones.
    private var spilled: [SpilledWord]

    private struct SpilledWord {
        var low: UInt64 = 0
        var high: UInt64 = 0
        var id: Int32 = -1
    }

    /// - Parameter tokens: ranges of `bytes`, the place in the list being the id, the more frequent first; at most 65,536.
    init(_ tokens: [Range<Int>], in bytes: Span<UInt8>) {
        homes = [UInt64](repeating: 0, count: 1 << Int(Self.homeBits))
        // bert-base-uncased has 8,718 to spill: about half full.
        spilled = [SpilledWord](repeating: SpilledWord(), count: 1 << 14)
        precondition(tokens.count <= 1 << 16, "an id has 16 bits")
        var spilledCount = 0
        for (id, token) in tokens.enumerated() where token.count <= Self.maximumLength {
            // A piece from inside a word is no word, nor can any be spelled so: the number sign is punctuation.
            if token.count > 2, bytes[token.lowerBound] == UInt8(ascii: "#"),
                bytes[token.lowerBound + 1] == UInt8(ascii: "#")
            {
                continue
            }
            let (low, high) = Self.key(token, of: bytes)
            let product = low &* Self.multiplier
            let home = Int(truncatingIfNeeded: product >> (64 - Self.homeBits))
            if high == 0, homes[home] == 0 {
                homes[home] = product << Self.homeBits | UInt64(id)
            } else {
                var slot = Self.spilledSlot(low, high)
                while spilled[slot].id >= 0 { slot = (slot + 1) & (spilled.count - 1) }
                spilled[slot] = SpilledWord(low: low, high: high, id: Int32(id))
                spilledCount += 1
            }
        }
        precondition(spilledCount < spilled.count, "a search ends at an empty slot")
    }

    /// The key of a word of 1...16 bytes.
    @inline(__always)
    static func key(_ word: Range<Int>, of text: Span<UInt8>) -> (low: UInt64, high: UInt64) {
        let low = EightBytes(text.eightBytes(at: word.lowerBound)).prefix(word.count)
        guard word.count > 8 else { return (low, 0) }
        return (low, EightBytes(text.eightBytes(at: word.lowerBound &+ 8)).prefix(word.count &- 8))
    }

    /// The id of a word, given its key; nil if it is none.
    @inline(__always)
    func id(_ low: UInt64, _ high: UInt64) -> Int32? {
        guard high == 0 else { return spilledID(low, high) }
        let product = low &* Self.multiplier
        let difference = homes[Int(truncatingIfNeeded: product >> (64 - Self.homeBits))] ^ product << Self.homeBits
        if difference < 1 << Self.homeBits { return Int32(truncatingIfNeeded: difference) }
        return spilledID(low, 0)
    }

    @inline(never)
    private func spilledID(_ low: UInt64, _ high: UInt64) -> Int32? {
        var slot = Self.spilledSlot(low, high)
        while true {
            let word = spilled[slot]
            if word.low == low, word.high == high { return word.id }
            if word.id < 0 { return nil }
            slot = (slot &+ 1) & (spilled.count &- 1)
        }
    }

    private static func spilledSlot(_ low: UInt64, _ high: UInt64) -> Int {
        let hash = (low ^ high &* 0xD6E8_FEB8_6659_FD93) &* multiplier
        return Int(truncatingIfNeeded: hash >> 50)
    }
}
