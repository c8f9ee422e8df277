/// A trie over bytes, its edges in one hash table: a step is an exclusive or, a load and a comparison, as in a double
/// array, but a double array takes 30 ms to lay out at start-up, and this table 2.
struct PieceTrie: Sendable {
    /// An edge and the node that it leads to: node and byte of the parent's side in bits 0–31 (24 + 8), the key's value + 1
    /// in bits 32–47 (0 where no key ends), the node's number in bits 48–63. An empty slot is 0.
    struct Node: Sendable {
        var bits: UInt64

        var number: UInt32 { UInt32(truncatingIfNeeded: bits >> 48) }
        /// The key's number; -1 if no key ends here.
        var value: Int32 { Int32(truncatingIfNeeded: bits >> 32 & 0xFFFF) - 1 }
    }

    static let root = Node(bits: 0)
    private static let sizeBits: UInt32 = 17

    private var slots = [UInt64](repeating: 0, count: 1 << Int(sizeBits))

    /// - Parameters:
    ///   - keys: ranges of `bytes`, all different and not empty, fewer than 65,535; a key's value is its place in the
    ///     list. Together they have fewer than 65,536 different prefixes.
    ///   - bytes: without a zero byte in any key.
    init(keys: [Range<Int>], in bytes: Span<UInt8>) {
        precondition(keys.count < 0xFFFF, "a value has 16 bits")
        var nodeCount: UInt32 = 1
        for (value, key) in keys.enumerated() {
            var number: UInt32 = 0
            var slot = 0
            for index in key {
                precondition(bytes[index] != 0, "a key has no zero byte")
                let edge = number << 8 | UInt32(bytes[index])
                slot = Self.home(number, bytes[index])
                while slots[slot] != 0, UInt32(truncatingIfNeeded: slots[slot]) != edge {
                    slot = (slot + 1) & (slots.count - 1)
                }
                if slots[slot] == 0 {
                    precondition(nodeCount < 0x1_0000, "a node's number has 16 bits")
                    slots[slot] = UInt64(edge) | UInt64(nodeCount) << 48
                    nodeCount += 1
                }
                number = UInt32(truncatingIfNeeded: slots[slot] >> 48)
            }
            precondition(!key.isEmpty && slots[slot] >> 32 & 0xFFFF == 0, "keys are different and not empty")
            slots[slot] |= UInt64(value + 1) << 32
        }
    }

    /// The first slot of an edge. Edges by one byte never share it; and only the exclusive or waits for the node.
    @inline(__always)
    private static func home(_ number: UInt32, _ byte: UInt8) -> Int {
        Int(truncatingIfNeeded: number << 1 ^ (UInt32(byte) &* 0x9E37_79B1) >> (32 - sizeBits))
    }

    /// The node that a byte leads to, if there is one. At most 65,535 of the 131,072 slots are taken.
    @inline(__always)
    func child(of node: Node, _ byte: UInt8) -> Node? {
        let edge = node.number << 8 | UInt32(byte)
        var slot = Self.home(node.number, byte)
        while true {
            let bits = slots[slot]
            if UInt32(truncatingIfNeeded: bits) == edge { return bits == 0 ? nil : Node(bits: bits) }
            if bits == 0 { return nil }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
    }

    /// The longest key that starts at the range's start and ends within it, capital letters of ASCII taken as small ones.
    ///
    /// - Parameter node: where to start; the bytes on the way from the root to it count as matched.
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
