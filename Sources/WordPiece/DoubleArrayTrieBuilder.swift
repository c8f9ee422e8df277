/// Builds the slots of a `DoubleArrayTrie`: first a trie of linked nodes, then a place for each node's children.
struct DoubleArrayTrieBuilder {
    /// A linked node; 0 stands for none, because the root is nobody's child or sibling.
    private struct LinkedNode {
        var label: UInt8 = 0
        var value: Int32 = -1
        var firstChild = 0
        var nextSibling = 0
    }

    private static let blockSize = 256
    /// Blocks whose free slots are still looked at: older ones have few left, and hardly any that fit.
    private static let openBlocks = 16

    private var linked = [LinkedNode()]
    private var slots: [DoubleArrayTrie.Node] = []
    /// Bases given to a node already.
    private var isBase: [Bool] = []
    private var free = FreeSlots()

    /// See `DoubleArrayTrie.init(keys:in:)`.
    mutating func build(_ keys: [Range<Int>], in bytes: Span<UInt8>) -> [DoubleArrayTrie.Node] {
        for (value, key) in keys.enumerated() { insert(key, of: bytes, value: Int32(value)) }
        // The first block stays empty: it is where the steps from a leaf, whose base is 0, end.
        addBlock(isFree: false)
        addBlock(isFree: true)
        var pending: [(linked: Int, slot: Int?)] = [(linked: 0, slot: nil)]
        var next = 0
        while next < pending.count {
            let (parent, slot) = pending[next]
            next += 1
            let children = self.children(of: parent)
            guard !children.isEmpty else { continue }
            let base = slot == nil ? DoubleArrayTrie.root.base : freeBase(for: children)
            isBase[base] = true
            if let slot { slots[slot].bits |= UInt64(base) }
            for child in children {
                let node = linked[child]
                let place = base ^ Int(node.label)
                slots[place].bits = UInt64(node.value + 1) << 32 | UInt64(node.label) << 24
                free.remove(place)
                pending.append((child, place))
            }
        }
        return slots
    }

    private mutating func insert(_ key: Range<Int>, of bytes: Span<UInt8>, value: Int32) {
        precondition(!key.isEmpty, "a key has at least one byte")
        var node = 0
        for index in key {
            let label = bytes[index]
            precondition(label != 0, "a key has no zero byte")
            var child = linked[node].firstChild
            while child != 0, linked[child].label != label { child = linked[child].nextSibling }
            if child == 0 {
                child = linked.count
                linked.append(LinkedNode(label: label, nextSibling: linked[node].firstChild))
                linked[node].firstChild = child
            }
            node = child
        }
        precondition(linked[node].value < 0, "keys are different")
        linked[node].value = value
    }

    private func children(of node: Int) -> [Int] {
        var children: [Int] = []
        var child = linked[node].firstChild
        while child != 0 {
            children.append(child)
            child = linked[child].nextSibling
        }
        return children
    }

    private mutating func addBlock(isFree: Bool) {
        let start = slots.count
        precondition(start < 1 << 24, "the trie's bases have 24 bits")
        slots.append(contentsOf: repeatElement(DoubleArrayTrie.Node(), count: Self.blockSize))
        isBase.append(contentsOf: repeatElement(false, count: Self.blockSize))
        free.extend(to: slots.count, isFree: isFree)
        let closed = start - Self.openBlocks * Self.blockSize
        if closed >= 0 { for slot in closed..<(closed + Self.blockSize) { free.remove(slot) } }
    }

    /// A base that no node has and at which every child's slot is free.
    private mutating func freeBase(for children: [Int]) -> Int {
        let label = Int(linked[children[0]].label)
        var slot = free.first
        while true {
            guard let candidate = slot else {
                addBlock(isFree: true)
                slot = slots.count - Self.blockSize
                continue
            }
            let base = candidate ^ label
            if !isBase[base], children.allSatisfy({ free.contains(base ^ Int(linked[$0].label)) }) { return base }
            slot = free.next(after: candidate)
        }
    }
}

/// The free slots, ascending, as a doubly linked list.
private struct FreeSlots {
    private static let end = -1

    private var successors: [Int] = []
    private var predecessors: [Int] = []
    private var isFree: [Bool] = []
    private(set) var first: Int?
    private var last: Int?

    func contains(_ slot: Int) -> Bool { isFree[slot] }

    func next(after slot: Int) -> Int? { successors[slot] == Self.end ? nil : successors[slot] }

    mutating func extend(to count: Int, isFree: Bool) {
        for slot in successors.count..<count {
            successors.append(Self.end)
            predecessors.append(isFree ? last ?? Self.end : Self.end)
            self.isFree.append(isFree)
            guard isFree else { continue }
            if let last { successors[last] = slot } else { first = slot }
            last = slot
        }
    }

    /// Takes a slot from the list, if it is there.
    mutating func remove(_ slot: Int) {
        guard isFree[slot] else { return }
        isFree[slot] = false
        let (before, after) = (predecessors[slot], successors[slot])
        if before == Self.end { first = after == Self.end ? nil : after } else { successors[before] = after }
        if after == Self.end { last = before == Self.end ? nil : before } else { predecessors[after] = before }
    }
}
