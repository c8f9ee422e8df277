/// The dependency parser: arc-hybrid transitions (Kuhlmann et al. 2011) in a narrow beam. Training's `parser`.
///
/// The root stands behind the last word. A tree of n words takes 2 n transitions; time and memory are linear in n.
struct Parser: Sendable {
    static let shift = 0, left = 1, right = 2

    /// Buckets of two. A slot's bytes from the low end: three weights around 128, and a check of its key.
    private let slots = ModelFile.numbers(.actionSlots, as: UInt32.self)
    private let slotShift: UInt64
    let width = ModelFile.setting(.beam)

    init() {
        slotShift = UInt64(64 - slots.count.trailingZeroBitCount)
    }

    /// - Parameter heads: where each word's head goes; the root's node for the root's child.
    func parse(_ nodes: SentenceNodes, _ states: inout ParserStates, into heads: inout [Int32]) {
        states.start(none: Int32(nodes.none))
        let steps = 2 * nodes.root
        for _ in 0..<steps {
            states.candidates.removeAll(keepingCapacity: true)
            for place in states.items.indices {
                let item = states.items[place]
                let sums = sums(nodes, states, item)
                let inBuffer = Int(item.buffer) < nodes.root
                if inBuffer { states.consider(item.score + sums.shift, place, Self.shift) }
                // The root takes one child, the last word on the stack.
                if item.size >= 1 && (inBuffer || item.size == 1) {
                    states.consider(item.score + sums.left, place, Self.left)
                }
                if item.size >= 2 { states.consider(item.score + sums.right, place, Self.right) }
            }
            states.nextItems.removeAll(keepingCapacity: true)
            let first = states.origins.count
            for candidate in states.candidates {
                var next = states.advanced(states.items[candidate.item], candidate.action, nodes)
                next.score = candidate.score
                states.nextItems.append(next)
                states.origins.append(
                    ParserStates.Origin(item: UInt8(candidate.item), action: UInt8(candidate.action)))
            }
            while states.origins.count < first + width {
                states.origins.append(ParserStates.Origin(item: 0, action: 0))
            }
            swap(&states.items, &states.nextItems)
        }
        readHeads(nodes, &states, steps, into: &heads)
    }

    /// Follows the best state back to the start, then its transitions forward.
    private func readHeads(
        _ nodes: SentenceNodes, _ states: inout ParserStates, _ steps: Int, into heads: inout [Int32]
    ) {
        states.path.removeAll(keepingCapacity: true)
        var place = 0
        for step in stride(from: steps - 1, through: 0, by: -1) {
            let origin = states.origins[step * width + place]
            states.path.append(origin.action)
            place = Int(origin.item)
        }
        heads.removeAll(keepingCapacity: true)
        heads.append(contentsOf: repeatElement(Int32(nodes.root), count: nodes.root))
        states.stack.removeAll(keepingCapacity: true)
        var buffer: Int32 = 0
        for action in states.path.reversed() {
            if Int(action) == Self.shift {
                states.stack.append(buffer)
                buffer += 1
            } else if let word = states.stack.popLast() {
                heads[Int(word)] = Int(action) == Self.left ? buffer : states.stack[states.stack.count - 1]
            }
        }
    }

    private func sums(
        _ nodes: SentenceNodes, _ states: borrowing ParserStates, _ item: ParserStates.Item
    ) -> ActionSums {
        let none = nodes.none
        let c0 = states.cells[Int(item.top)]
        let c1 = states.cells[Int(c0.below)]
        let c2 = states.cells[Int(c1.below)]
        let (i0, i1, n0) = (Int(c0.node), Int(c1.node), Int(item.buffer))
        let (s0, s1, n) = (nodes[i0], nodes[i1], nodes[n0])
        let next1 = nodes[min(n0 + 1, none)]
        let next2 = nodes[min(n0 + 2, none)]
        let n3t = nodes[min(n0 + 3, none)].tag
        let (s0w, s0t, s1w, s1t, n0w, n0t) = (s0.word, s0.tag, s1.word, s1.tag, n.word, n.tag)
        let (s2t, n1w, n1t, n2w, n2t) = (nodes[Int(c2.node)].tag, next1.word, next1.tag, next2.word, next2.tag)
        let (s0wt, s1wt, n0wt, n1wt) = (pair(s0w, s0t), pair(s1w, s1t), pair(n0w, n0t), pair(n1w, n1t))
        let (s0l, s0r) = (nodes[Int(c0.left1)], nodes[Int(c0.right1)])
        let (s1lt, s1r) = (nodes[Int(c1.left1)].tag, nodes[Int(c1.right1)])
        let n0l = nodes[Int(item.left1)]
        let (s0l2t, s0r2t, s1r2t) = (
            nodes[Int(c0.left2)].tag, nodes[Int(c0.right2)].tag, nodes[Int(c1.right2)].tag
        )
        let n0l2t = nodes[Int(item.left2)].tag
        let (s0lt, s0rt, s1rt, n0lt) = (s0l.tag, s0r.tag, s1r.tag, n0l.tag)
        let s0c = nodes[Int(c0.preposition)].word
        let s1c = nodes[Int(c1.preposition)].word
        let n0c = nodes[Int(item.preposition)].word
        let s0v = UInt64(c0.lefts * 4 + c0.rights)
        let s1v = UInt64(c1.lefts * 4 + c1.rights)
        let n0v = UInt64(item.lefts)
        let near = i0 < none ? Distance.bucket(n0 - i0) : 0
        let far = i1 < none ? Distance.bucket(i0 - i1) : 0
        let cut = i0 < none ? Self.between(nodes[i0 + 1], n) : 0
        let cut1 = i1 < none ? Self.between(nodes[i1 + 1], s0) : 0
        let last = nodes[n0 > 0 ? n0 - 1 : none].tag
        let (s0f, s1f, n0f) = (s0.fine, s1.fine, n.fine)
        let (s0g, s1g, n0g, n1g) = (s0.coarse, s1.coarse, n.coarse, next1.coarse)
        var sums = ActionSums()
        add(&sums, 1, s0wt)
        add(&sums, 2, s0t)
        add(&sums, 3, s0w)
        add(&sums, 4, s1wt)
        add(&sums, 5, s1t)
        add(&sums, 6, n0wt)
        add(&sums, 7, n0t)
        add(&sums, 8, n0w)
        add(&sums, 9, n1wt)
        add(&sums, 10, n1t)
        add(&sums, 11, n2w, n2t)
        add(&sums, 12, n0t, n1t)
        add(&sums, 13, n0t, n1t, n2t)
        add(&sums, 14, n0t, n1t, n2t, n3t)
        add(&sums, 15, s0wt, n0wt)
        add(&sums, 16, s0wt, n0t)
        add(&sums, 17, s0t, n0wt)
        add(&sums, 18, s0w, n0w)
        add(&sums, 19, s0t, n0t)
        add(&sums, 20, s1wt, s0wt)
        add(&sums, 21, s1wt, s0t)
        add(&sums, 22, s1t, s0wt)
        add(&sums, 23, s1w, s0w)
        add(&sums, 24, s1t, s0t)
        add(&sums, 25, s1t, n0t)
        add(&sums, 26, s1w, n0w)
        add(&sums, 27, s0t, n0t, n1t)
        add(&sums, 28, s1t, s0t, n0t)
        add(&sums, 29, s2t, s1t, s0t)
        add(&sums, 30, s1t, s0t, n0t, n1t)
        add(&sums, 31, s0t, n0t, n1t, n2t)
        add(&sums, 32, s2t, s1t, s0t, n0t)
        add(&sums, 33, s0w, n0t, n1t)
        add(&sums, 34, s0t, n0w, n1t)
        add(&sums, 35, s1t, s0t, n0w)
        add(&sums, 36, s1t, s0w, n0t)
        add(&sums, 37, s1w, s0t, n0t)
        add(&sums, 38, s0t, n0t, n1w)
        // Children.
        add(&sums, 39, s0t, s0lt, n0t)
        add(&sums, 40, s0t, s0rt, n0t)
        add(&sums, 41, s0t, n0t, n0lt)
        add(&sums, 42, s1t, s0t, s1rt)
        add(&sums, 43, s1t, s0t, s1lt)
        add(&sums, 44, s1t, s0t, s0rt)
        add(&sums, 45, s1t, s0t, s0lt)
        add(&sums, 46, s0w, s0lt, s0rt)
        add(&sums, 47, s1w, s1lt, s1rt)
        add(&sums, 48, n0w, n0lt, n0v)
        add(&sums, 49, s1t, s0t, s1rt, s1v)
        add(&sums, 50, s1t, s0t, s0lt, s0rt)
        add(&sums, 51, s1t, s1rt, s0t, n0t)
        add(&sums, 52, s0l.word, s0t)
        add(&sums, 53, s0r.word, s0t)
        add(&sums, 54, n0l.word, n0t)
        add(&sums, 55, s1r.word, s1t)
        add(&sums, 56, s0t, s0lt, s0l2t, n0t)
        add(&sums, 57, s0t, s0rt, s0r2t, n0t)
        add(&sums, 58, n0t, n0lt, n0l2t, s0t)
        add(&sums, 59, s1t, s1rt, s1r2t, s0t)
        // Valency.
        add(&sums, 60, s0wt, s0v)
        add(&sums, 61, s0t, s0v)
        add(&sums, 62, n0wt, n0v)
        add(&sums, 63, n0t, n0v)
        add(&sums, 64, s1wt, s1v)
        add(&sums, 65, s1t, s1v)
        add(&sums, 66, s0t, n0t, s0v, n0v)
        add(&sums, 67, s1t, s0t, s1v, s0v)
        // Distance, and what lies between.
        add(&sums, 68, s0t, near)
        add(&sums, 69, n0wt, near)
        add(&sums, 70, s0t, n0t, near)
        add(&sums, 71, s0w, n0w, near)
        add(&sums, 72, s1t, s0t, far)
        add(&sums, 73, s1w, s0w, far)
        add(&sums, 74, s1wt, far)
        add(&sums, 75, s0wt, far)
        add(&sums, 76, s1t, s0t, n0t, far)
        add(&sums, 77, s0t, n0t, cut)
        add(&sums, 78, s1t, s0t, cut1)
        add(&sums, 79, s1t, s0t, n0t, cut)
        add(&sums, 80, s1t, s0t, n0t, cut1)
        // The word left of the buffer, and prepositions.
        add(&sums, 81, last, n0t, s0t)
        add(&sums, 82, last, n0t, s0t, n1t)
        add(&sums, 83, s1w, s0c, s0t)
        add(&sums, 84, s1t, s0c, s0t)
        add(&sums, 85, s1w, s0c, s0w)
        add(&sums, 86, s0w, n0w, n1w)
        add(&sums, 87, s1w, s0t, n0w)
        add(&sums, 88, s1t, s0t, s0c, s1c)
        add(&sums, 89, s0t, s0c, n0wt)
        add(&sums, 90, n0c, s0wt, n0t)
        // Clusters.
        add(&sums, 91, s0f, n0f)
        add(&sums, 92, s1f, s0f)
        add(&sums, 93, s0f, n0t)
        add(&sums, 94, s0t, n0f)
        add(&sums, 95, s1f, s0t, far)
        add(&sums, 96, s1t, s0f, n0t)
        add(&sums, 97, s1g, s0g, n0g)
        add(&sums, 98, s1g, s0g, n0g, n1g)
        add(&sums, 99, s0g, n0g, n1g)
        add(&sums, 100, s1f, s0c, s0f)
        add(&sums, 101, s1f, s0f, n0t)
        add(&sums, 102, s0f, n0f, near)
        add(&sums, 103, s1f, s0f, far)
        return sums
    }

    /// Marks and verbs from one node to before another, at most two of each.
    @inline(__always)
    private static func between(_ first: SentenceNodes.Node, _ end: SentenceNodes.Node) -> UInt64 {
        UInt64(min(end.marks - first.marks, 2)) * 3 + UInt64(min(end.verbs - first.verbs, 2)) + 1
    }

    @inline(__always)
    private func add(_ sums: inout ActionSums, _ key: UInt64) {
        let slot = Int(truncatingIfNeeded: key >> slotShift)
        let check = UInt32(truncatingIfNeeded: key) & 0xFF | 1
        let first = slots[slot]
        let second = slots[slot ^ 1]
        sums.add(first >> 24 == check ? first : second >> 24 == check ? second : 0x0080_8080)
    }

    @inline(__always)
    private func add(_ sums: inout ActionSums, _ number: UInt64, _ a: UInt64) {
        add(&sums, mix(number, a))
    }

    @inline(__always)
    private func add(_ sums: inout ActionSums, _ number: UInt64, _ a: UInt64, _ b: UInt64) {
        add(&sums, mix(mix(number, a), b))
    }

    @inline(__always)
    private func add(_ sums: inout ActionSums, _ number: UInt64, _ a: UInt64, _ b: UInt64, _ c: UInt64) {
        add(&sums, mix(mix(mix(number, a), b), c))
    }

    @inline(__always)
    private func add(
        _ sums: inout ActionSums, _ number: UInt64, _ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64
    ) {
        add(&sums, mix(mix(mix(mix(number, a), b), c), d))
    }
}

/// Scores of the three transitions, each 128 a feature too high: at most 257 features fit.
private struct ActionSums {
    /// SHIFT in the low half, RIGHT in the high one.
    private var outer: UInt32 = 0
    private var middle: UInt32 = 0

    @inline(__always)
    mutating func add(_ row: UInt32) {
        outer &+= row & 0x00FF_00FF
        middle &+= row >> 8 & 0xFF
    }

    var shift: Int { Int(outer & 0xFFFF) }
    var left: Int { Int(middle) }
    var right: Int { Int(outer >> 16) }
}
