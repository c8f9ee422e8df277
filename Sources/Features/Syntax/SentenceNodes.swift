/// A sentence's words, the root behind them, and one node that stands for none.
struct SentenceNodes {
    struct Node {
        var word: UInt64, tag: UInt64, fine: UInt64, coarse: UInt64
        /// How many punctuation marks and verbs there are before the node.
        var marks: Int32, verbs: Int32
        var isPreposition = false, isAuxiliary = false
    }

    private var nodes: [Node] = []
    /// The root's node: the number of words.
    private(set) var root = 0

    var none: Int { root + 1 }
    var count: Int { nodes.count }
    subscript(node: Int) -> Node {
        @inline(__always) get { nodes[node] }
    }

    /// - Parameters:
    ///   - atoms: with the tagger's margin before and after.
    ///   - kinds: of each tag, and of the root's and of none behind them.
    mutating func fill(_ atoms: [TokenAtoms], _ tags: [UInt8], _ kinds: [TagKind]) {
        nodes.removeAll(keepingCapacity: true)
        root = tags.count
        var marks: Int32 = 0
        var verbs: Int32 = 0
        for (place, tag) in tags.enumerated() {
            let token = atoms[place + Tagger.margin]
            let kind = kinds[Int(tag)]
            nodes.append(
                Node(
                    word: token.word, tag: UInt64(tag), fine: token.fine, coarse: token.coarse, marks: marks,
                    verbs: verbs, isPreposition: kind == .preposition, isAuxiliary: kind == .auxiliary))
            if kind == .mark { marks += 1 }
            if kind == .verb { verbs += 1 }
        }
        let beyond = UInt64(kinds.count)
        nodes.append(
            Node(
                word: TokenAtoms.rootWord, tag: beyond, fine: 65535, coarse: 65535, marks: marks, verbs: verbs))
        nodes.append(
            Node(
                word: TokenAtoms.noWord, tag: beyond + 1, fine: 65534, coarse: 65534, marks: marks, verbs: verbs))
    }
}

/// What the parser asks of a tag.
enum TagKind: Sendable {
    case mark, verb, preposition, auxiliary, other

    init(upos: String) {
        switch upos {
        case "PUNCT": self = .mark
        case "VERB": self = .verb
        case "ADP": self = .preposition
        case "AUX": self = .auxiliary
        default: self = .other
        }
    }
}

/// Distances in steps: 0 to 4, then 5 to 6, 7 to 10, more.
enum Distance {
    @inline(__always)
    static func bucket(_ gap: Int) -> UInt64 {
        gap <= 4 ? UInt64(gap) : gap <= 6 ? 5 : gap <= 10 ? 6 : 7
    }
}
