/// A trie over bytes in one array: a step is an exclusive or, a load and a comparison.
///
/// Node `n` has its child by byte `b` at `base(n) ^ b`, and that slot holds `b` as its label. No two nodes have the same
/// base, so the label alone tells whose child a slot is. Layout after Darts-clone (Yata).
struct DoubleArrayTrie: Sendable {
    /// A slot: base in bits 0–16 (0 for a leaf), label in bits 17–24 (0 for a free slot), value + 1 from bit 25 on (0 for
    /// a node that ends no key).
    struct Node: Sendable {
        fileprivate var bits: UInt64

        fileprivate var base: Int { Int(truncatingIfNeeded: bits & 0x1_FFFF) }
        fileprivate var label: UInt8 { UInt8(truncatingIfNeeded: bits >> 17) }
        /// The key's number; -1 if no key ends here.
        var value: Int32 { Int32(truncatingIfNeeded: bits >> 25) &- 1 }
    }

    /// A multiple of 256, so that `base ^ byte` of any node lies within. The first block is empty, for the steps from a
    /// leaf.
    private let slots: [Node]
    /// The root is in no slot.
    static let root = Node(bits: 256)

    /// - Parameter text: what `scripts/generate-vocabulary.py` writes: seven characters a slot, six bits above 0x30 each,
    ///   the lowest first; line breaks have no meaning.
    init(generated text: String) {
        let bytes = text.utf8.span
        var slots: [Node] = []
        slots.reserveCapacity(bytes.count / 7 + 1)
        var index = 0
        while index &+ 6 < bytes.count {
            if bytes[index] == UInt8(ascii: "\n") { index &+= 1 }
            // The low six bits of seven bytes, less 0x30 each, put together.
            let packed = bytes.eightBytes(at: index) &- 0x0030_3030_3030_3030
            var bits: UInt64 = 0
            for place in 0..<7 as Range<UInt64> {
                bits |= (packed &>> (8 &* place) & 0x3F) &<< (6 &* place)
            }
            slots.append(Node(bits: bits))
            index &+= 7
        }
        self.slots = slots
    }

    /// The node that a byte leads to, if there is one.
    @inline(__always)
    func child(of node: Node, _ byte: UInt8) -> Node? {
        let next = slots[node.base ^ Int(byte)]
        return next.label == byte ? next : nil
    }

    /// The longest key that starts at the range's start and ends within it, capital letters of ASCII taken as small ones.
    ///
    /// - Parameters:
    ///   - text: without a zero byte in the range, because a free slot has the label 0.
    ///   - node: where to start; the bytes on the way from the root to it count as matched.
    /// - Returns: the key's value and where it ends; nil if no key matches.
    func longestMatch(in text: Span<UInt8>, _ range: Range<Int>, from node: Node) -> (value: Int32, end: Int)? {
        var node = node
        var longest: (value: Int32, end: Int)?
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = text[index]
            let isCapital = byte &- UInt8(ascii: "A") < 26
            guard let child = child(of: node, isCapital ? byte | 0x20 : byte) else { break }
            node = child
            index += 1
            if node.value >= 0 { longest = (node.value, index) }
        }
        return longest
    }
}
