/// A trie over bytes in one array: a step is an exclusive or, a load and a comparison.
///
/// Node `n` has its child by byte `b` at `base(n) ^ b`, and that slot holds `b` as its label. No two nodes have the same
/// base, so the label alone tells whose child a slot is. Layout after Darts-clone (Yata).
struct DoubleArrayTrie: Sendable {
    /// A slot: base in bits 0–23 (0 for a leaf), label in bits 24–31 (0 for a free slot), value + 1 in bits 32–63 (0 for
    /// a node that ends no key).
    struct Node: Sendable {
        var bits: UInt64 = 0

        var base: Int { Int(bits & 0xFF_FFFF) }
        var label: UInt8 { UInt8(truncatingIfNeeded: bits >> 24) }
        /// The key's number, -1 if no key ends here.
        var value: Int32 { Int32(truncatingIfNeeded: bits >> 32) - 1 }
    }

    /// Slots; a multiple of 256, so that `base ^ byte` of any node lies within.
    private let slots: [Node]
    /// The root is in no slot. Its children are in the second block; the first is empty, for the steps from a leaf.
    static let root = Node(bits: 256)

    /// - Parameters:
    ///   - keys: ranges of `bytes`, all different and not empty; a key's value is its place in the list.
    ///   - bytes: without a zero byte in any key, because label 0 marks a free slot.
    init(keys: [Range<Int>], in bytes: Span<UInt8>) {
        var builder = DoubleArrayTrieBuilder()
        slots = builder.build(keys, in: bytes)
    }

    /// The node that a byte leads to, if there is one.
    func child(of node: Node, _ byte: UInt8) -> Node? {
        let next = slots[node.base ^ Int(byte)]
        return next.label == byte ? next : nil
    }

    /// The longest key that starts at the range's start and ends within it.
    ///
    /// - Parameter node: where to start; the bytes on the way from the root to it count as matched.
    /// - Returns: the key's value and where it ends; nil if no key matches.
    func longestMatch(in text: Span<UInt8>, _ range: Range<Int>, from node: Node) -> (value: Int32, end: Int)? {
        let slots = slots.span
        var node = node
        var longest: (value: Int32, end: Int)?
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = text[index]
            node = slots[node.base ^ Int(byte)]
            // Normalized text has no zero byte, so a free slot never matches.
            guard node.label == byte else { break }
            index += 1
            if node.value >= 0 { longest = (node.value, index) }
        }
        return longest
    }
}
