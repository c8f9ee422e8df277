/// A read-only table from words to small numbers, filled once from a front-coded literal.
///
/// Open addressing over the words' hashes with linear probing, at most half full. The words themselves are not kept.
struct WordTable: Sendable {
    private var hashes: [UInt64]
    private var values: [UInt8]
    private let mask: Int

    /// - Parameters:
    ///   - encoded: see scripts/generate-lexicon.py for the form.
    ///   - wordCount: number of words in it.
    init(frontCoded encoded: String, wordCount: Int) {
        var capacity = 16
        while capacity < wordCount * 2 { capacity *= 2 }
        hashes = [UInt64](repeating: 0, count: capacity)
        values = [UInt8](repeating: 0, count: capacity)
        mask = capacity - 1
        Self.forEachEntry(in: encoded) { word, value in
            insert(WordHash(word).value, value)
        }
    }

    /// The number of the word with this hash, or nil.
    subscript(hash: UInt64) -> UInt8? {
        var slot = Self.slot(hash, mask)
        while hashes[slot] != 0 {
            if hashes[slot] == hash { return values[slot] }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private mutating func insert(_ hash: UInt64, _ value: UInt8) {
        var slot = Self.slot(hash, mask)
        while hashes[slot] != 0, hashes[slot] != hash { slot = (slot + 1) & mask }
        hashes[slot] = hash
        values[slot] = value
    }

    /// FNV's low bits are its best mixed; the high ones are folded in.
    private static func slot(_ hash: UInt64, _ mask: Int) -> Int {
        Int(truncatingIfNeeded: hash ^ (hash >> 32)) & mask
    }

    /// Decodes the entries, in order.
    static func forEachEntry(in encoded: String, _ body: ([UInt8], UInt8) -> Void) {
        var word: [UInt8] = []
        for byte in encoded.utf8 {
            if byte.isASCIIUppercase {
                let shared = Int(byte - UInt8(ascii: "A"))
                word.removeLast(max(0, word.count - shared))
            } else if byte.isASCIIDigit {
                body(word, byte - UInt8(ascii: "0"))
            } else if byte != 0x0A {
                word.append(byte)
            }
        }
    }
}
