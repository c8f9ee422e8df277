/// What the tagger, the lemmas and the parser say of a text's tokens: a struct of arrays, all of the same length, in the
/// order of the text.
public struct SyntaxAnalysis: Sendable {
    /// Numbers of joint tags: see ``SyntaxAnalyzer/xposNames`` and ``SyntaxAnalyzer/uposNames``.
    public internal(set) var tags: [UInt8] = []
    /// A token's head as its place in its sentence; -1 for the root.
    public internal(set) var heads: [Int32] = []
    /// Numbers of dependency labels: see ``SyntaxAnalyzer/labelNames``.
    public internal(set) var labels: [UInt8] = []
    /// 64-bit FNV-1a of each lemma: equal lemmas have equal hashes.
    public internal(set) var lemmaHashes: [UInt64] = []
    /// What turns a token into its lemma.
    var lemmaScripts: [UInt16] = []

    public var count: Int { tags.count }
}

/// Tagger, lemmas and parser: tables only, shared by all threads. Pure: the same text gives the same analysis.
public struct SyntaxAnalyzer: Sendable {
    public static let shared = SyntaxAnalyzer()

    /// Of each joint tag: the Penn Treebank's name and the universal one.
    public let xposNames = ModelFile.names(.xposNames)
    public let uposNames = ModelFile.names(.uposNames)
    /// Universal dependency relations with their subtypes; 0 is none, 1 `root`.
    public let labelNames = ModelFile.names(.labelNames)

    private let lexicon = SyntaxLexicon()
    private let tagger: Tagger
    private let parser: Parser
    private let lemmatizer = Lemmatizer()
    private let kinds: [TagKind]

    private init() {
        tagger = Tagger(tagCount: uposNames.count)
        parser = Parser(tagCount: uposNames.count, labelNames: labelNames)
        kinds = uposNames.map(TagKind.init)
    }

    public func analyze(_ document: Document) -> SyntaxAnalysis {
        let tokens = document.tokens
        return analyze(
            document.clean.bytes, tokens: tokens.starts.indices.map { tokens[$0] }, sentences: document.sentenceTokens)
    }

    /// A lemma as text.
    public func lemma(_ token: Int, of document: Document, _ analysis: SyntaxAnalysis) -> String {
        lemma(document.clean.bytes, document.tokens[token], analysis.lemmaScripts[token])
    }

    func lemma(_ bytes: [UInt8], _ range: Range<Int>, _ script: UInt16) -> String {
        var lemma: [UInt8] = []
        lemmatizer.forEachByte(script, bytes, range) { lemma.append($0) }
        return String(decoding: lemma, as: UTF8.self)
    }

    /// - Parameters:
    ///   - tokens: ranges of `bytes`; none is empty.
    ///   - sentences: ranges of `tokens`, one after the other.
    func analyze(_ bytes: [UInt8], tokens: [Range<Int>], sentences: [Range<Int>]) -> SyntaxAnalysis {
        var analysis = SyntaxAnalysis()
        analysis.tags.reserveCapacity(tokens.count)
        analysis.heads.reserveCapacity(tokens.count)
        analysis.labels.reserveCapacity(tokens.count)
        analysis.lemmaHashes.reserveCapacity(tokens.count)
        analysis.lemmaScripts.reserveCapacity(tokens.count)
        var work = Work()
        for sentence in sentences { analyze(bytes, tokens[sentence], &work, into: &analysis) }
        return analysis
    }

    /// Memory that is kept from sentence to sentence.
    private struct Work {
        var normal: [UInt8] = []
        var atoms: [TokenAtoms] = []
        var tags: [UInt8] = []
        var nodes = SentenceNodes()
        var parser = Parser.Work()
        var heads: [Int32] = []
        var labels: [UInt8] = []
    }

    private func analyze(
        _ bytes: [UInt8], _ tokens: ArraySlice<Range<Int>>, _ work: inout Work, into analysis: inout SyntaxAnalysis
    ) {
        work.atoms.removeAll(keepingCapacity: true)
        for _ in 0..<Tagger.margin { work.atoms.append(.outside) }
        for token in tokens { work.atoms.append(lexicon.atoms(bytes, token, &work.normal)) }
        for _ in 0..<Tagger.margin { work.atoms.append(.outside) }
        tagger.tag(work.atoms, into: &work.tags)
        work.nodes.fill(work.atoms, work.tags, kinds, parser.layout)
        parser.parse(work.nodes, &work.parser, into: &work.heads, &work.labels)
        let root = Int32(work.nodes.root)
        for (place, token) in tokens.enumerated() {
            let tag = work.tags[place]
            let script = lemmatizer.script(bytes, token, tag: tag)
            var hash = WordHash()
            lemmatizer.forEachByte(script, bytes, token) { hash.add($0) }
            analysis.tags.append(tag)
            analysis.heads.append(work.heads[place] == root ? -1 : work.heads[place])
            analysis.labels.append(work.labels[place])
            analysis.lemmaScripts.append(script)
            analysis.lemmaHashes.append(hash.value)
        }
    }
}
