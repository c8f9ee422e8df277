/// The dependency parser: greedy arc-eager transitions chosen by a network with one hidden layer (Chen and Manning 2014).
/// Training's `network`.
///
/// The hidden layer is a sum of rows, one for each thing that the state shows; its tables are the trained network's first
/// layer, multiplied out. A tree of n words takes 2 n transitions; time and memory are linear in n.
struct Parser: Sendable {
    let layout: ParserLayout
    private let network: ParserNetwork

    /// Of words that would be a second child of the root.
    private let spareLabel: UInt8

    init(tagCount: Int, labelNames: [String]) {
        layout = ParserLayout(
            words: ModelFile.setting(.parserWords), classes: ModelFile.setting(.wordClasses), tags: tagCount,
            labels: labelNames.count)
        network = ParserNetwork(rowCount: layout.rowCount, labelCount: labelNames.count)
        spareLabel = labelNames.firstIndex(of: "parataxis").map(UInt8.init) ?? 0
    }

    /// - Parameters:
    ///   - work: memory.
    ///   - heads: where each word's head goes; the root's node for the root's child.
    ///   - labels: where each word's label goes.
    func parse(_ nodes: SentenceNodes, _ work: inout Work, into heads: inout [Int32], _ labels: inout [UInt8]) {
        work.state.start(words: nodes.root)
        while !work.state.isFinished {
            show(nodes, work.state, &work.rows)
            network.computeHidden(work.rows, &work.hidden)
            let transition = best(work.state, network.transitionScores(work.hidden))
            var label: Int32 = 0
            if transition == .left || transition == .right {
                label =
                    transition == .left && work.state.buffer == nodes.root
                    ? ParserState.rootLabel : Int32(network.bestLabel(work.hidden, ofLeftArc: transition == .left))
            }
            work.state.advance(transition, label: label)
        }
        work.state.read(spare: spareLabel, into: &heads, &labels)
    }

    struct Work {
        fileprivate var state = ParserState()
        fileprivate var rows: [Int32] = []
        fileprivate var hidden = ParserNetwork.Hidden()
    }

    /// The allowed transition with the highest score; of equal ones the first.
    private func best(_ state: ParserState, _ scores: SIMD4<Float>) -> ParserState.Transition {
        var best: ParserState.Transition?
        for number in 0..<4 {
            guard let transition = ParserState.Transition(rawValue: number), state.allows(transition) else { continue }
            if let found = best, scores[number] <= scores[found.rawValue] { continue }
            best = transition
        }
        guard let best else { preconditionFailure("a state that is not the last allows a transition") }
        return best
    }

    /// The rows of what a state shows.
    private func show(_ nodes: SentenceNodes, _ state: borrowing ParserState, _ rows: inout [Int32]) {
        let none = nodes.none
        let size = state.stack.count
        let b0 = state.buffer
        let s0 = size > 0 ? Int(state.stack[size - 1]) : none
        let s1 = size > 1 ? Int(state.stack[size - 2]) : none
        let s2 = size > 2 ? Int(state.stack[size - 3]) : none
        let (top, first, second) = (state.tree[s0], state.tree[b0], state.tree[s1])
        let head = Int(top.head)
        let above = state.tree[head]
        rows.removeAll(keepingCapacity: true)

        var place = 0
        func showWord(_ node: Int) {
            let shown = nodes[node]
            let start = Int32(place * layout.wordRowCount)
            rows.append(start + shown.wordRow)
            if shown.classRow >= 0 { rows.append(start + shown.classRow) }
            showTag(node)
        }
        func showTag(_ node: Int) {
            rows.append(Int32(layout.tagStart + place * layout.tagRowCount) + nodes[node].tag)
            place += 1
        }
        showWord(s0)
        showWord(s1)
        showWord(b0)
        showWord(min(b0 + 1, none))
        showWord(min(b0 + 2, none))
        showWord(head)
        showWord(Int(top.left1))
        showWord(Int(top.right1))
        showWord(Int(first.left1))
        showWord(s0 + 1 < b0 ? s0 + 1 : none)
        showTag(s2)
        showTag(min(b0 + 3, none))
        showTag(Int(top.left2))
        showTag(Int(top.right2))
        showTag(Int(first.left2))
        showTag(b0 > 0 ? b0 - 1 : none)
        showTag(Int(second.right1))
        showTag(Int(above.head))

        var start = Int32(layout.labelStart)
        func showLabel(_ label: Int32) {
            rows.append(start + label)
            start += Int32(layout.labelCount)
        }
        showLabel(top.label)
        showLabel(second.label)
        showLabel(above.label)
        showLabel(state.tree[Int(top.left1)].label)
        showLabel(state.tree[Int(top.left2)].label)
        showLabel(state.tree[Int(top.right1)].label)
        showLabel(state.tree[Int(top.right2)].label)
        showLabel(state.tree[Int(first.left1)].label)
        showLabel(state.tree[Int(first.left2)].label)
        showLabel(state.tree[Int(second.right1)].label)

        var between: Int32 = 0
        if s0 != none {
            let (marks, verbs) = (
                nodes[b0].marks - nodes[s0 + 1].marks, nodes[b0].verbs - nodes[s0 + 1].verbs
            )
            between = 1 + min(marks, 2) * 3 + min(verbs, 2)
        }
        let starts = layout.numberStarts
        rows.append(Int32(starts[0] + (s0 != none ? Self.distance(b0 - s0) : 0)))
        rows.append(Int32(starts[1]) + top.lefts * 4 + top.rights)
        rows.append(Int32(starts[2]) + first.lefts)
        rows.append(Int32(starts[3]) + between)
        rows.append(Int32(starts[4] + (s1 != none ? Self.distance(s0 - s1) : 0)))
        rows.append(Int32(starts[5] + min(nodes.root - b0, 3)))
    }

    /// 0 to 4, then 5 to 6, 7 to 10, more.
    @inline(__always)
    private static func distance(_ gap: Int) -> Int {
        gap <= 4 ? gap : gap <= 6 ? 5 : gap <= 10 ? 6 : 7
    }
}
