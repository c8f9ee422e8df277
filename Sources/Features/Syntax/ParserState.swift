/// A state of the arc-eager transition system (Nivre 2003): a stack, a buffer, and the tree so far. Training's
/// `arc_eager`. Memory is kept from sentence to sentence.
struct ParserState {
    /// Shift a word; shift it below the stack's top; put the top below the buffer's first node; let a top go that has a
    /// head.
    enum Transition: Int {
        case shift, right, left, reduce
    }

    /// A node's place in the tree so far: its head, and its two outermost children on each side.
    struct Links {
        var head: Int32
        var left1: Int32, left2: Int32, right1: Int32, right2: Int32
        var label: Int32 = 0
        /// Numbers of children, up to 3.
        var lefts: Int32 = 0, rights: Int32 = 0

        init(none: Int32) {
            (head, left1, left2, right1, right2) = (none, none, none, none, none)
        }
    }

    private(set) var tree: [Links] = []
    private(set) var stack: [Int32] = []
    private(set) var buffer = 0
    private var root = 0

    /// The label of the root's child; 0 is no label.
    static let rootLabel: Int32 = 1

    mutating func start(words: Int) {
        root = words
        buffer = 0
        stack.removeAll(keepingCapacity: true)
        tree.removeAll(keepingCapacity: true)
        tree.append(contentsOf: repeatElement(Links(none: Int32(words + 1)), count: words + 2))
    }

    var isFinished: Bool { stack.isEmpty && buffer == root }

    /// Whether the top has a head; nil without a top.
    private var topHasHead: Bool? {
        stack.last.map { Int(tree[Int($0)].head) != root + 1 }
    }

    /// The transitions that may be taken: at least one until the end.
    func allows(_ transition: Transition) -> Bool {
        switch transition {
        case .shift: buffer < root
        case .right: buffer < root && !stack.isEmpty
        case .left: topHasHead == false
        case .reduce: topHasHead == true
        }
    }

    /// - Parameter label: the new arc's.
    mutating func advance(_ transition: Transition, label: Int32) {
        let first = Int32(buffer)
        switch transition {
        case .shift:
            stack.append(first)
            buffer += 1
        case .right:
            let head = Int(stack[stack.count - 1])
            tree[buffer].head = Int32(head)
            tree[buffer].label = label
            tree[head].right2 = tree[head].right1
            tree[head].right1 = first
            tree[head].rights = min(3, tree[head].rights + 1)
            stack.append(first)
            buffer += 1
        case .left:
            let word = Int(stack.removeLast())
            tree[word].head = first
            tree[word].label = label
            tree[buffer].left2 = tree[buffer].left1
            tree[buffer].left1 = Int32(word)
            tree[buffer].lefts = min(3, tree[buffer].lefts + 1)
        case .reduce:
            stack.removeLast()
        }
    }

    /// The finished tree's heads, the root's node for the root's child, and labels. Where more than one word got the
    /// root, all but the first hang on the first, with the label `spare`.
    func read(spare: UInt8, into heads: inout [Int32], _ labels: inout [UInt8]) {
        heads.removeAll(keepingCapacity: true)
        labels.removeAll(keepingCapacity: true)
        var child: Int32?
        for word in 0..<root {
            let (head, label) = (tree[word].head, UInt8(tree[word].label))
            if Int(head) == root, let child {
                heads.append(child)
                labels.append(spare)
                continue
            }
            if Int(head) == root { child = Int32(word) }
            heads.append(head)
            labels.append(label)
        }
    }
}
