/// 64-bit FNV-1a of a word in lower case: how words are compared and looked up.
///
/// Two different words collide with a probability of about 10^-8 in a text of half a million distinct words. A collision
/// made on purpose moves one count by one.
struct WordHash: Sendable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    init() {}

    /// Of a word given as it stands in a lexicon: lower case, straight apostrophes.
    init(_ word: String) {
        for byte in word.utf8 { add(byte) }
    }

    /// - Parameter bytes: UTF-8; ASCII letters are folded to lower case, others taken as they are.
    init(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { add(byte.lowercased) }
    }

    /// - Parameter bytes: taken as they are.
    init(exactly bytes: some Sequence<UInt8>) {
        for byte in bytes { add(byte) }
    }

    @inline(__always)
    mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
}

/// A fixed set of words.
struct WordSet: Sendable {
    private var slots: HashSlots

    /// - Parameter words: in lower case, separated by spaces.
    init(_ words: String) {
        let words = words.split(separator: " ")
        slots = HashSlots(wordCount: words.count)
        for word in words { _ = slots.insert(WordHash(word.utf8).value) }
    }

    func contains(_ hash: UInt64) -> Bool {
        slots.find(hash) != nil
    }
}
