/// The keys of an open-addressing table: hashes of words, with linear probing, at most half full. The words themselves
/// are not kept.
///
/// Filled once from lists of ours and read-only then, so that no text can make its probes long.
struct HashSlots: Sendable {
    private var hashes: [UInt64]
    private let mask: Int

    /// Number of slots.
    var capacity: Int { hashes.count }

    init(wordCount: Int) {
        var capacity = 16
        while capacity < wordCount * 2 { capacity *= 2 }
        hashes = [UInt64](repeating: 0, count: capacity)
        mask = capacity - 1
    }

    /// The slot of a hash that is in the table, or nil.
    @inline(__always)
    func find(_ hash: UInt64) -> Int? {
        var slot = start(hash)
        while hashes[slot] != 0 {
            if hashes[slot] == hash { return slot }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The slot of a hash, which is put there if it is new.
    mutating func insert(_ hash: UInt64) -> Int {
        var slot = start(hash)
        while hashes[slot] != 0, hashes[slot] != hash { slot = (slot + 1) & mask }
        hashes[slot] = hash
        return slot
    }

    /// FNV's low bits are its best mixed; the high ones are folded in.
    @inline(__always)
    private func start(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash ^ (hash >> 32)) & mask
    }
}
