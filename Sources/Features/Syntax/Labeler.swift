/// The labels of a finished tree, from left to right. Training's `labels`.
struct Labeler: Sendable {
    private let table = RowTable(
        slots: ModelFile.numbers(.labelSlots, as: UInt32.self), lanes: ModelFile.numbers(.labelRows, as: UInt16.self))
    private let labelCount: Int

    /// The label of the root's child; 0 is no label.
    static let root: UInt8 = 1

    init(labelCount: Int) {
        self.labelCount = labelCount
        precondition(
            ModelFile.setting(.labelWidth) == LabelSums.width && labelCount <= LabelSums.width, "48 labels at most")
    }

    /// - Parameters:
    ///   - nodes: a sentence's.
    ///   - heads: of its words; the root's node for the root's child.
    ///   - links: memory.
    ///   - labels: where the labels go, one a node.
    func label(_ nodes: SentenceNodes, _ heads: [Int32], _ links: inout TreeLinks, into labels: inout [UInt8]) {
        links.fill(nodes, heads)
        labels.removeAll(keepingCapacity: true)
        labels.append(contentsOf: repeatElement(0, count: nodes.count))
        for word in 0..<nodes.root {
            if Int(heads[word]) == nodes.root {
                labels[word] = Self.root
            } else {
                labels[word] = UInt8(sums(nodes, heads, links, labels, word).best(of: labelCount))
            }
        }
    }

    private func sums(
        _ nodes: SentenceNodes, _ heads: [Int32], _ links: TreeLinks, _ labels: [UInt8], _ word: Int
    ) -> LabelSums {
        let none = nodes.none
        let head = Int(heads[word])
        let above = head < nodes.root ? Int(heads[head]) : none
        let gap = word - head
        let right: UInt64 = gap > 0 ? 1 : 0
        let dist = Distance.bucket(abs(gap)) * 2 + right
        let (h, d) = (nodes[head], nodes[word])
        let (hw, ht, dw, dt) = (h.word, h.tag, d.word, d.tag)
        let (hwt, dwt) = (pair(hw, ht), pair(dw, dt))
        let (dl, hl_) = (links[word], links[head])
        let case_ = nodes[Int(dl.preposition)].word
        let hcase = nodes[Int(hl_.preposition)].word
        let aux = nodes[Int(dl.auxiliary)].word
        let haux = nodes[Int(hl_.auxiliary)].word
        let (l1, l2) = (nodes[Int(dl.firstLeft)], nodes[Int(dl.lastLeft)])
        let (r1, r2) = (nodes[Int(dl.firstRight)], nodes[Int(dl.lastRight)])
        let (before, after) = (Int(dl.before), Int(dl.after))
        let bl = UInt64(labels[before])
        let hl = UInt64(labels[head])
        let bbl = before < nodes.root ? UInt64(labels[Int(links[before].before)]) : 0
        let (bt, at) = (nodes[before].tag, nodes[after].tag)
        let near = nodes[word > 0 ? word - 1 : none].tag
        let next = nodes[word + 1].tag
        let (hf, df) = (h.fine, d.fine)
        let (hcounts, dcounts) = (UInt64(hl_.counts), UInt64(dl.counts))
        var sums = LabelSums()
        add(&sums, 1, dt, right)
        add(&sums, 2, ht, right)
        add(&sums, 3, dwt, right)
        add(&sums, 4, hwt, right)
        add(&sums, 5, ht, dt, right)
        add(&sums, 6, hwt, dt, right)
        add(&sums, 7, ht, dwt, right)
        add(&sums, 8, hw, dw, right)
        add(&sums, 9, ht, dt, dist)
        add(&sums, 10, hw, dt, dist)
        add(&sums, 11, ht, dw, dist)
        add(&sums, 12, hf, df, right)
        add(&sums, 13, hf, dt, right)
        add(&sums, 14, ht, df, right)
        add(&sums, 15, h.coarse, d.coarse, dist)
        add(&sums, 16, ht, dt, case_, right)
        add(&sums, 17, hw, case_, dt, right)
        add(&sums, 18, dw, case_, ht, right)
        add(&sums, 19, hf, case_, df, right)
        add(&sums, 20, case_, dt)
        add(&sums, 21, ht, dt, aux, right)
        add(&sums, 22, ht, dt, haux, right)
        add(&sums, 23, hcase, ht, dt, right)
        add(&sums, 24, ht, dt, l1.word, right)
        add(&sums, 25, ht, dt, l2.word, right)
        add(&sums, 26, ht, dt, r1.word, right)
        add(&sums, 27, dt, l1.tag, l2.tag, right)
        add(&sums, 28, dt, r1.tag, r2.tag, right)
        add(&sums, 29, ht, dt, bl, right)
        add(&sums, 30, ht, dt, bl, bbl)
        add(&sums, 31, hw, dt, bl, right)
        add(&sums, 32, hf, df, bl, right)
        add(&sums, 33, ht, dt, bt, right)
        add(&sums, 34, ht, dt, at, right)
        add(&sums, 35, hw, dt, bt, at)
        add(&sums, 36, ht, dt, nodes[before].word, right)
        add(&sums, 37, ht, dt, nodes[after].word, right)
        add(&sums, 38, ht, dt, near, next)
        add(&sums, 39, dt, near, next, right)
        add(&sums, 40, ht, dt, nodes[above].tag, right)
        add(&sums, 41, ht, dt, nodes[above].word, right)
        add(&sums, 42, ht, dt, hl, right)
        add(&sums, 43, ht, dt, dcounts, right)
        add(&sums, 44, ht, dt, hcounts, right)
        add(&sums, 45, dt, l1.word, l2.word, right)
        add(&sums, 46, hl, dw, ht, right)
        add(&sums, 47, hf, dt, bl, case_)
        return sums
    }

    @inline(__always)
    private func add(_ sums: inout LabelSums, _ number: UInt64, _ a: UInt64, _ b: UInt64) {
        sums.add(table, mix(mix(number, a), b))
    }

    @inline(__always)
    private func add(_ sums: inout LabelSums, _ number: UInt64, _ a: UInt64, _ b: UInt64, _ c: UInt64) {
        sums.add(table, mix(mix(mix(number, a), b), c))
    }

    @inline(__always)
    private func add(_ sums: inout LabelSums, _ number: UInt64, _ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
        sums.add(table, mix(mix(mix(mix(number, a), b), c), d))
    }
}

/// Scores of 48 classes; see the tagger's.
private struct LabelSums {
    static let width = 48
    private var even0 = SIMD8<UInt16>(), even1 = SIMD8<UInt16>(), even2 = SIMD8<UInt16>()
    private var odd0 = SIMD8<UInt16>(), odd1 = SIMD8<UInt16>(), odd2 = SIMD8<UInt16>()

    @inline(__always)
    mutating func add(_ table: RowTable, _ key: UInt64) {
        let first = table.row(key) &* 3
        guard first > 0 else { return }
        let low = SIMD8<UInt16>(repeating: 0x00FF)
        let (r0, r1, r2) = (table.rows[first], table.rows[first + 1], table.rows[first + 2])
        even0 &+= r0 & low
        even1 &+= r1 & low
        even2 &+= r2 & low
        odd0 &+= r0 &>> 8
        odd1 &+= r1 &>> 8
        odd2 &+= r2 &>> 8
    }

    /// The class from 2 on with the highest score; of equal ones the first.
    func best(of count: Int) -> Int {
        var best = 2
        var score: UInt16 = 0
        var column = 0
        for (even, odd) in [(even0, odd0), (even1, odd1), (even2, odd2)] {
            for lane in 0..<8 {
                if even[lane] > score && column > 1 && column < count { (best, score) = (column, even[lane]) }
                if odd[lane] > score && column > 1 && column + 1 < count { (best, score) = (column + 1, odd[lane]) }
                column += 2
            }
        }
        return best
    }
}
