/// A feature's key takes in one more atom. Training's `hashing.mix`.
@inline(__always)
func mix(_ state: UInt64, _ atom: UInt64) -> UInt64 {
    let product = (state ^ atom) &* 0x9E37_79B9_7F4A_7C15
    return product ^ (product >> 32)
}

/// A read-only table from hashes to places in other tables: open addressing with linear probing; 0 is an empty slot.
struct HashIndex: Sendable {
    private let keys: [UInt64]

    init(_ keys: [UInt64]) {
        precondition(keys.count & (keys.count - 1) == 0, "a table's size is a power of two")
        self.keys = keys
    }

    /// The slot of a key, or nil.
    @inline(__always)
    func slot(_ key: UInt64) -> Int? {
        let mask = keys.count - 1
        var slot = Int(truncatingIfNeeded: key ^ (key >> 32)) & mask
        while keys[slot] != 0 {
            if keys[slot] == key { return slot }
            slot = (slot + 1) & mask
        }
        return nil
    }
}

/// Rows of weights by a feature's key. Training's `tables.Packed`.
///
/// Slots are buckets of two; a slot holds 16 bits of its key and 16 of a row's number. Row 0 is neutral: what a feature
/// without a row adds. A weight is a byte around 128; a lane of a row holds two, the even column's in its low half.
struct RowTable: Sendable {
    private let slots: [UInt32]
    private let shift: UInt64
    let rows: [SIMD8<UInt16>]

    init(slots: [UInt32], lanes: [UInt16]) {
        self.slots = slots
        shift = UInt64(64 - slots.count.trailingZeroBitCount)
        rows = stride(from: 0, to: lanes.count, by: 8).map { SIMD8(lanes[$0..<$0 + 8]) }
    }

    /// The number of a key's row.
    @inline(__always)
    func row(_ key: UInt64) -> Int {
        let slot = Int(truncatingIfNeeded: key >> shift)
        let check = UInt32(truncatingIfNeeded: key) & 0xFFFF
        let first = slots[slot]
        let second = slots[slot ^ 1]
        if first >> 16 == check, first != 0 { return Int(first & 0xFFFF) }
        if second >> 16 == check, second != 0 { return Int(second & 0xFFFF) }
        return 0
    }
}
