/// A sentence's words, the root behind them, and one node that stands for none. Training's `network.Nodes`.
struct SentenceNodes {
    struct Node {
        /// The row of the node's word among a place's rows, and that of its class for an unknown word, or -1.
        var wordRow: Int32, classRow: Int32
        var tag: Int32
        /// How many punctuation marks and verbs there are before the node.
        var marks: Int32, verbs: Int32
    }

    private var nodes: [Node] = []
    /// The root's node: the number of words.
    private(set) var root = 0

    var none: Int { root + 1 }
    subscript(node: Int) -> Node {
        @inline(__always) get { nodes[node] }
    }

    /// - Parameters:
    ///   - atoms: with the tagger's margin before and after.
    ///   - kinds: of each tag.
    mutating func fill(_ atoms: [TokenAtoms], _ tags: [UInt8], _ kinds: [TagKind], _ layout: ParserLayout) {
        nodes.removeAll(keepingCapacity: true)
        root = tags.count
        var marks: Int32 = 0
        var verbs: Int32 = 0
        for (place, tag) in tags.enumerated() {
            let (wordRow, classRow) = layout.wordRows(atoms[place + Tagger.margin])
            nodes.append(Node(wordRow: wordRow, classRow: classRow, tag: Int32(tag), marks: marks, verbs: verbs))
            let kind = kinds[Int(tag)]
            if kind == .mark { marks += 1 }
            if kind == .verb { verbs += 1 }
        }
        let beyond = Int32(kinds.count)
        for (wordRow, tag) in [(ParserLayout.rootRow, beyond), (ParserLayout.noneRow, beyond + 1)] {
            nodes.append(Node(wordRow: wordRow, classRow: -1, tag: tag, marks: marks, verbs: verbs))
        }
    }
}

/// What the parser asks of a tag.
enum TagKind: Sendable {
    case mark, verb, other

    init(upos: String) {
        switch upos {
        case "PUNCT": self = .mark
        case "VERB": self = .verb
        default: self = .other
        }
    }
}
