/// What a finished tree tells of each node: its outermost and nearest children, its siblings, the first preposition and
/// the last auxiliary among its left children. Training's `labels.link`.
struct TreeLinks {
    struct Entry {
        var firstLeft: Int32, lastLeft: Int32, firstRight: Int32, lastRight: Int32
        var before: Int32, after: Int32
        var preposition: Int32, auxiliary: Int32
        /// min(left children, 3) * 4 + min(right children, 3)
        var counts: Int32 = 0
    }

    private var entries: [Entry] = []

    subscript(node: Int) -> Entry { entries[node] }

    /// - Parameter heads: of the words; the root's node for the root's child.
    mutating func fill(_ nodes: SentenceNodes, _ heads: [Int32]) {
        let none = Int32(nodes.none)
        let empty = Entry(
            firstLeft: none, lastLeft: none, firstRight: none, lastRight: none, before: none, after: none,
            preposition: none, auxiliary: none)
        entries.removeAll(keepingCapacity: true)
        entries.append(contentsOf: repeatElement(empty, count: nodes.count))
        for word in 0..<nodes.root {
            let head = Int(heads[word])
            let number = Int32(word)
            var previous: Int32
            if word < head {
                previous = entries[head].lastLeft
                if previous == none { entries[head].firstLeft = number }
                entries[head].lastLeft = number
                if nodes[word].isPreposition && entries[head].preposition == none { entries[head].preposition = number }
                if nodes[word].isAuxiliary { entries[head].auxiliary = number }
                if entries[head].counts < 12 { entries[head].counts += 4 }
            } else {
                previous = entries[head].lastRight
                if previous == none {
                    entries[head].firstRight = number
                    previous = entries[head].lastLeft
                }
                entries[head].lastRight = number
                if entries[head].counts & 3 < 3 { entries[head].counts += 1 }
            }
            entries[word].before = previous
            if previous != none { entries[Int(previous)].after = number }
        }
    }
}
