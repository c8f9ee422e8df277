/// A sentence's dependency tree with what features ask of it. Its memory is kept from sentence to sentence; every step is
/// linear in the sentence's length.
struct SentenceTree {
    /// What features ask of a tag.
    private enum Part {
        case noun, properNoun, pronoun, verb, other

        init(upos: String) {
            switch upos {
            case "NOUN": self = .noun
            case "PROPN": self = .properNoun
            case "PRON": self = .pronoun
            case "VERB": self = .verb
            default: self = .other
            }
        }

        var isNominal: Bool { self == .noun || self == .properNoun || self == .pronoun }
    }

    /// What features ask of a label.
    private enum Relation {
        case subject, passiveSubject, passiveAuxiliary, copula
        /// Part of a name or of a compound: the chunk is its head's.
        case inner
        /// Left of its head, but no part of the head's noun phrase: `for` a house, `and` a house, marks.
        case outside
        case other

        init(name: String) {
            switch name {
            case "nsubj:pass", "csubj:pass": self = .passiveSubject
            case "nsubj", "csubj", "nsubj:outer", "csubj:outer": self = .subject
            case "aux:pass": self = .passiveAuxiliary
            case "cop": self = .copula
            case "compound", "flat", "fixed", "goeswith", "det", "nmod:poss", "det:predet", "amod": self = .inner
            case "case", "cc", "punct", "mark", "aux", "advmod", "discourse", "expl", "advcl", "parataxis", "obl",
                "vocative", "dislocated", "reparandum", "cc:preconj":
                self = .outside
            default: self = .other
            }
        }
    }

    private static let parts = SyntaxAnalyzer.shared.uposNames.map(Part.init)
    private static let relations = SyntaxAnalyzer.shared.labelNames.map(Relation.init)

    private let document: Document
    private let syntax: SyntaxAnalysis
    private var range = 0..<0
    private var children: [Int] = []
    private var depths: [Int] = []
    private var path: [Int] = []
    /// Where the noun phrase of a token begins, if it were one.
    private var lefts: [Int] = []
    private var predicates: [PredicateKind] = []

    private enum PredicateKind {
        case none, active, passive
    }

    init(_ text: AnalyzedText) {
        document = text.document
        syntax = text.syntax
    }

    mutating func fill(_ sentence: Range<Int>) {
        range = sentence
        children.removeAll(keepingCapacity: true)
        children.append(contentsOf: repeatElement(0, count: sentence.count))
        for token in sentence {
            let head = Int(syntax.heads[token])
            if head >= 0 { children[head] += 1 }
        }
        fillDepths()
    }

    /// Each token's distance from the root: every token is met once, on the way up to one whose depth is known.
    private mutating func fillDepths() {
        depths.removeAll(keepingCapacity: true)
        depths.append(contentsOf: repeatElement(-1, count: range.count))
        for token in 0..<range.count {
            path.removeAll(keepingCapacity: true)
            var node = token
            while node >= 0, depths[node] < 0 {
                path.append(node)
                node = Int(syntax.heads[range.lowerBound + node])
            }
            var depth = node >= 0 ? depths[node] + 1 : 0
            for node in path.reversed() {
                depths[node] = depth
                depth += 1
            }
        }
    }

    func addShape(to measures: inout SyntacticTrees.Measures, _ rules: inout Numbering) {
        measures.depths.append(depths.max() ?? 0)
        measures.nodes += range.count
        for place in 0..<range.count {
            let token = range.lowerBound + place
            let head = Int(syntax.heads[token])
            if children[place] == 0 {
                measures.leaves += 1
            } else {
                _ = rules.number(of: WordHash(document.clean.bytes[document.tokens[token]]).value)
            }
            guard head >= 0 else {
                measures.rootChildren += children[place]
                continue
            }
            measures.arcs += 1
            measures.distance += abs(place - head)
            if place < head { measures.leftArcs += 1 }
        }
    }

    mutating func addPredicates(to measures: inout SyntacticTrees.Measures) {
        predicates.removeAll(keepingCapacity: true)
        predicates.append(contentsOf: repeatElement(.none, count: range.count))
        for place in 0..<range.count {
            let token = range.lowerBound + place
            if Self.parts[Int(syntax.tags[token])] == .verb, predicates[place] == .none { predicates[place] = .active }
            let head = Int(syntax.heads[token])
            guard head >= 0 else { continue }
            switch Self.relations[Int(syntax.labels[token])] {
            case .passiveSubject, .passiveAuxiliary: predicates[head] = .passive
            case .subject, .copula: if predicates[head] == .none { predicates[head] = .active }
            case .inner, .outside, .other: break
            }
        }
        measures.predicates += predicates.count { $0 != .none }
        measures.passives += predicates.count { $0 == .passive }
    }

    func addEntities(to spans: inout SyntacticTrees.Spans, _ distinct: inout Numbering) {
        var token = range.lowerBound
        while token < range.upperBound {
            guard Self.parts[Int(syntax.tags[token])] == .properNoun else {
                token += 1
                continue
            }
            let first = token
            var hash = WordHash()
            while token < range.upperBound, Self.parts[Int(syntax.tags[token])] == .properNoun {
                for byte in document.clean.bytes[document.tokens[token]] { hash.add(byte.lowercased) }
                hash.add(0)
                token += 1
            }
            _ = distinct.number(of: hash.value)
            spans.add(document.tokens, first..<token)
        }
    }

    mutating func addChunks(to spans: inout SyntacticTrees.Spans) {
        // A phrase begins where its leftmost dependent's phrase begins; dependents come before their heads here, so
        // one pass from left to right sees each of them complete.
        lefts.removeAll(keepingCapacity: true)
        lefts.append(contentsOf: 0..<range.count)
        for place in 0..<range.count {
            let token = range.lowerBound + place
            let head = Int(syntax.heads[token])
            let relation = Self.relations[Int(syntax.labels[token])]
            if head > place, relation != .outside, relation != .subject, relation != .passiveSubject,
                relation != .copula, relation != .passiveAuxiliary
            {
                lefts[head] = min(lefts[head], lefts[place])
            }
        }
        for place in 0..<range.count {
            let token = range.lowerBound + place
            guard Self.parts[Int(syntax.tags[token])].isNominal,
                Self.relations[Int(syntax.labels[token])] != .inner
            else { continue }
            spans.add(document.tokens, range.lowerBound + lefts[place]..<token + 1)
        }
    }
}

extension SyntacticTrees.Spans {
    /// Counts a span of tokens, which is not empty.
    fileprivate mutating func add(_ tokens: Tokens, _ range: Range<Int>) {
        count += 1
        for token in range {
            characters += tokens.lengths[token]
            if token > range.lowerBound, tokens.gaps[token] != .none { characters += 1 }
        }
    }
}
