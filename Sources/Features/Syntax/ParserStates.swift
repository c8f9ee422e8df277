/// Memory of the parser: cells of stacks, two generations of the beam, and how each state came about. Kept from sentence
/// to sentence.
struct ParserStates {
    /// A word on a stack with its outermost two children on each side, how many there are (at most 3), its first
    /// preposition to the left, and the cell below. Cells never change, so that states share them. Cell 0 is the empty
    /// stack's.
    struct Cell {
        var node: Int32
        var left1: Int32, left2: Int32, right1: Int32, right2: Int32
        var lefts: Int32 = 0, rights: Int32 = 0
        var preposition: Int32
        var below: Int32 = 0
    }

    /// A state: a stack, and the buffer's first word with what it has to its left.
    struct Item {
        var top: Int32 = 0
        var buffer: Int32 = 0
        var left1: Int32, left2: Int32
        var lefts: Int32 = 0
        var preposition: Int32
        var size: Int32 = 0
        /// Grows with the sentence: 32 bits would end at some 80,000 words.
        var score = 0
    }

    /// How a state came about: the place in the beam before, and the transition.
    struct Origin {
        var item: UInt8
        var action: UInt8
    }

    struct Candidate {
        var score: Int
        var item: Int
        var action: Int
    }

    let width: Int
    var cells: [Cell] = []
    var items: [Item] = []
    var nextItems: [Item] = []
    /// `width` a step; fewer in a step of fewer states, the rest unused.
    var origins: [Origin] = []
    var candidates: [Candidate] = []
    var path: [UInt8] = []
    var stack: [Int32] = []

    init(width: Int) {
        self.width = width
    }

    mutating func start(none: Int32) {
        cells.removeAll(keepingCapacity: true)
        cells.append(Cell(node: none, left1: none, left2: none, right1: none, right2: none, preposition: none))
        items.removeAll(keepingCapacity: true)
        items.append(Item(left1: none, left2: none, preposition: none))
        origins.removeAll(keepingCapacity: true)
    }

    /// Keeps a transition if it is among the best `width`; of equal ones the first stays before.
    @inline(__always)
    mutating func consider(_ score: Int, _ item: Int, _ action: Int) {
        var spot = candidates.count
        while spot > 0, candidates[spot - 1].score < score { spot -= 1 }
        guard spot < width else { return }
        if candidates.count == width { candidates.removeLast() }
        candidates.insert(Candidate(score: score, item: item, action: action), at: spot)
    }

    /// The state after a transition.
    @inline(__always)
    mutating func advanced(_ item: Item, _ action: Int, _ nodes: SentenceNodes) -> Item {
        var next = item
        let none = Int32(nodes.none)
        if action == Parser.shift {
            next.top = Int32(cells.count)
            cells.append(
                Cell(
                    node: item.buffer, left1: item.left1, left2: item.left2, right1: none, right2: none,
                    lefts: item.lefts, preposition: item.preposition, below: item.top))
            next.buffer += 1
            next.left1 = none
            next.left2 = none
            next.preposition = none
            next.lefts = 0
            next.size += 1
            return next
        }
        let top = cells[Int(item.top)]
        next.size -= 1
        if action == Parser.left {
            next.top = top.below
            next.left2 = item.left1
            next.left1 = top.node
            next.lefts = min(3, item.lefts + 1)
            if nodes[Int(top.node)].isPreposition { next.preposition = top.node }
            return next
        }
        var head = cells[Int(top.below)]
        head.right2 = head.right1
        head.right1 = top.node
        head.rights = min(3, head.rights + 1)
        next.top = Int32(cells.count)
        cells.append(head)
        return next
    }
}
