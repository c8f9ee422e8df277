/// What the word lists know of a word, in one look-up.
struct WordFacts: OptionSet, Sendable {
    let rawValue: UInt16

    /// On the Dale-Chall list.
    static let easy = WordFacts(rawValue: 1 << 4)
    /// In any of the lists: a word that exists, and is spelled right.
    static let known = WordFacts(rawValue: 1 << 5)
    /// One of English's commonest words, see ``EnglishProbe``.
    static let common = WordFacts(rawValue: 1 << 6)
    static let connective = WordFacts(rawValue: 1 << 7)
    /// The first word of a connective of several words.
    static let opensConnective = WordFacts(rawValue: 1 << 8)
    static let contraction = WordFacts(rawValue: 1 << 9)
    static let firstPersonSingular = WordFacts(rawValue: 1 << 10)
    static let firstPersonPlural = WordFacts(rawValue: 1 << 11)

    /// Syllables by CMUdict, 1...9; 0 for a word that is not in it.
    var syllables: Int { Int(rawValue & 0xF) }

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    init(syllables: UInt8) {
        rawValue = UInt16(syllables & 0xF)
    }
}

/// The word lists as one table: a text's word is looked up once, whichever features ask.
struct Lexicon: Sendable {
    static let shared = Lexicon()

    private var slots: HashSlots
    private var facts: [WordFacts]

    private init() {
        slots = HashSlots(wordCount: CMUSyllables.wordCount + EmpathCategories.termCount)
        facts = [WordFacts](repeating: [], count: slots.capacity)
        FrontCoding.forEachWord(in: CMUSyllables.encoded) { add([WordFacts(syllables: $1), .known], to: $0) }
        FrontCoding.forEachWord(in: DaleChallWords.encoded) { word, _ in add([.easy, .known], to: word) }
        FrontCoding.forEachTerm(in: EmpathCategories.encoded) { term, _ in add(.known, to: term) }
        for (words, fact) in FunctionWords.lists {
            for word in words.split(separator: " ") { add(fact.union(.known), to: word.utf8) }
        }
        for phrase in Connectives.phrases {
            if let first = phrase.first { add(hash: first, .opensConnective) }
        }
    }

    private mutating func add(_ fact: WordFacts, to word: some Sequence<UInt8>) {
        add(hash: WordHash(word).value, fact)
    }

    private mutating func add(hash: UInt64, _ fact: WordFacts) {
        facts[slots.insert(hash)].formUnion(fact)
    }

    /// - Parameter hash: ``WordHash`` of a word.
    /// - Returns: nothing for a word that is in no list.
    @inline(__always)
    subscript(hash: UInt64) -> WordFacts {
        slots.find(hash).map { facts[$0] } ?? []
    }

    /// The same for a single look-up.
    static func facts(_ hash: UInt64) -> WordFacts { shared[hash] }
}
