import Testing

@testable import WordPiece

@Suite("Normalizer")
struct NormalizerTests {
    private func normalize(_ text: String) -> [UInt8] {
        var normalized = NormalizedText()
        let bytes = Array(text.utf8)
        Normalizer().normalize(bytes.span, 0..<bytes.count, into: &normalized)
        return normalized.bytes
    }

    @Test(
        "Text is cleaned, split at ideographs, decomposed, stripped of accents and lower-cased",
        arguments: [
            ("ABC xyz", "abc xyz"), ("a\tb\u{A0}c\u{2029}d", "a b c d"), ("a\0b\u{7F}c\u{E000}d", "abcd"),
            ("x和y", "x 和 y"), ("\u{F900}", " \u{8C48} "), ("ÉÀç", "eac"), ("각", "\u{1100}\u{1161}\u{11A8}"),
            ("\u{1E9E}\u{130}\u{3A3}\u{212A}", "\u{DF}i\u{3C3}k"), ("\u{37E}", ";"),
        ])
    func normalForms(_ text: String, _ expected: String) {
        #expect(normalize(text) == Array(expected.utf8))
    }

    @Test("Marks that stay are put into canonical order, equal classes in the order of the text")
    func order() {
        // Classes 224, 9, 216, 9: none of them is stripped.
        #expect(normalize("x\u{302E}\u{1BF2}\u{1D165}\u{1BF3}y") == Array("x\u{1BF2}\u{1BF3}\u{1D165}\u{302E}y".utf8))
    }

    @Test("A run of marks ends at a character of class 0, also one that is stripped, but not at one that is removed")
    func runs() {
        #expect(normalize("\u{302E}\u{34F}\u{1BF2}") == Array("\u{302E}\u{1BF2}".utf8))
        #expect(normalize("\u{302E}\u{200B}\u{1BF2}") == Array("\u{1BF2}\u{302E}".utf8))
        #expect(normalize("\u{302E}\u{1}\u{1BF2}") == Array("\u{1BF2}\u{302E}".utf8))
    }

    @Test("Runs of any length are sorted as a stable sort by class does it")
    func longRuns() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        // Marks that stay, with their classes.
        let marks: [(Unicode.Scalar, Int)] = [
            ("\u{1E94A}", 7), ("\u{1BF2}", 9), ("\u{1BF3}", 9), ("\u{1D165}", 216), ("\u{1D166}", 216),
            ("\u{302E}", 224), ("\u{302F}", 224), ("\u{1D16D}", 226),
        ]
        for length in [1, 2, 3, 31, 32, 33, 100, 1000] {
            let run = (0..<length).map { _ in marks[Int.random(in: 0..<marks.count, using: &random)] }
            let sorted = run.enumerated().sorted { ($0.element.1, $0.offset) < ($1.element.1, $1.offset) }.map(
                \.element)
            func text(_ run: [(Unicode.Scalar, Int)]) -> String { String(String.UnicodeScalarView(run.map(\.0))) }
            #expect(normalize("x" + text(run)) == Array(("x" + text(sorted)).utf8), "seed \(seed), length \(length)")
        }
    }
}

@Suite("Pre-tokenizer")
struct PreTokenizerTests {
    private func words(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var words: [String] = []
        var position = 0
        while let word = PreTokenizer().nextWord(in: bytes.span, from: position) {
            words.append(String(decoding: bytes[word], as: UTF8.self))
            position = word.upperBound
        }
        return words
    }

    @Test("Words end at spaces; each punctuation character is a word")
    func split() {
        #expect(words("  it's a   test... ") == ["it", "'", "s", "a", "test", ".", ".", "."])
        #expect(words("«a»…b—c") == ["«", "a", "»", "…", "b", "—", "c"])
        #expect(words("a+b=c$d^e|f") == ["a", "+", "b", "=", "c", "$", "d", "^", "e", "|", "f"])
        #expect(words("€5×2°") == ["€5×2°"])
        #expect(words("   ") == [])
        #expect(words("") == [])
    }
}

@Suite("UTF-8")
struct UTF8CodingTests {
    @Test("Every scalar value is read back as it was written")
    func roundTrip() {
        for value in UInt32(0)...0x10FFFF where Unicode.Scalar(value) != nil {
            var bytes: [UInt8] = []
            bytes.append(utf8: value)
            let decoded = bytes.span.scalar(at: 0)
            guard decoded == (value, bytes.count) else {
                Issue.record("U+\(String(value, radix: 16)) became \(decoded)")
                return
            }
        }
    }
}

@Suite("Trie")
struct DoubleArrayTrieTests {
    private let trie = Vocabulary.bertBaseUncased.makeTrie()
    private let values: [[UInt8]: Int32]

    init() throws {
        let vocabulary = Vocabulary.bertBaseUncased
        let tokens = try (0..<Int32(vocabulary.count)).map { Array(try #require(vocabulary.token($0)).utf8) }
        values = Dictionary(uniqueKeysWithValues: zip(tokens, Int32(0)...))
    }

    @Test("The longest token is found, as by trying all, in tokens, parts of tokens and random bytes")
    func longestMatch() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let tokens = Array(values.keys)
        for number in 0..<100_000 {
            var text = tokens.randomElement(using: &random) ?? []
            switch number % 4 {
            case 0: text += tokens.randomElement(using: &random) ?? []
            case 1: text.removeLast(Int.random(in: 0..<text.count, using: &random))
            case 2: text[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 1...255, using: &random)
            default: text = (0..<4).map { _ in UInt8.random(in: 1...255, using: &random) }
            }
            // Capital letters of a text are taken as small ones.
            let small = text.map { (65...90).contains($0) ? $0 + 32 : $0 }
            let expected = (1...text.count).reversed().first { values[Array(small.prefix($0))] != nil }
            let actual = trie.longestMatch(in: text.span, 0..<text.count, from: DoubleArrayTrie.root)
            #expect(actual?.end == expected, "seed \(seed), \(text)")
            #expect(actual?.value == expected.flatMap { values[Array(small.prefix($0))] }, "seed \(seed), \(text)")
        }
    }

    @Test("Every token without a capital letter has its id")
    func tokens() {
        for (token, id) in values where !token.contains(where: { (65...90).contains($0) }) {
            let match = trie.longestMatch(in: token.span, 0..<token.count, from: DoubleArrayTrie.root)
            #expect(match?.value == id)
        }
    }
}

/// Keys one behind the other, and the range of each.
func joined(_ keys: [[UInt8]]) -> (bytes: [UInt8], ranges: [Range<Int>]) {
    var ranges: [Range<Int>] = []
    for key in keys {
        let start = ranges.last?.upperBound ?? 0
        ranges.append(start..<(start + key.count))
    }
    return (keys.flatMap { $0 }, ranges)
}

@Suite("Word table")
struct WordTableTests {
    @Test("It holds every word of at most 16 bytes, and no other word")
    func lookUp() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        func word() -> [UInt8] {
            let length = Int.random(in: 1...20, using: &random)
            return (0..<length).map { _ in UInt8.random(in: 0x61...0x66, using: &random) }
        }
        let keys = Array(Set((0..<20_000).map { _ in word() }))
        let (bytes, ranges) = joined(keys)
        let table = WordTable(ranges, in: bytes.span)
        let ids = Dictionary(uniqueKeysWithValues: zip(keys, Int32(0)...))
        for text in keys + (0..<20_000).map({ _ in word() }) where text.count <= WordTable.maximumLength {
            let (low, high) = WordTable.key(0..<text.count, of: text.span)
            #expect(table.id(low, high) == ids[text], "seed \(seed), \(text)")
        }
    }

    @Test("Pieces from inside a word are not in it")
    func pieces() {
        let (bytes, ranges) = joined(["a", "##a", "#", "##"].map { Array($0.utf8) })
        let table = WordTable(ranges, in: bytes.span)
        let ids = ranges.map { range in
            let (low, _) = WordTable.key(range, of: bytes.span)
            return table.id(low, 0)
        }
        #expect(ids == [0, nil, 2, 3])
    }
}

@Suite("Eight bytes")
struct EightBytesTests {
    @Test("Each byte is taken for a letter or digit and lower-cased as it should, in each place")
    func bytes() {
        for byte in UInt8.min...UInt8.max {
            let isLetter = (65...90).contains(byte) || (97...122).contains(byte)
            let isWord = isLetter || (48...57).contains(byte)
            let lower = (65...90).contains(byte) ? byte + 32 : byte
            for place in 0..<8 {
                var text = [UInt8](repeating: UInt8(ascii: "Q"), count: 8)
                text[place] = byte
                let word = EightBytes(text.span.eightBytes(at: 0))
                let folded = (0..<8).map { UInt8(truncatingIfNeeded: word.folded >> UInt64(8 * $0)) }
                #expect(folded == (0..<8).map { $0 == place ? lower : UInt8(ascii: "q") })
                #expect(word.wordLength == (isWord ? 8 : place))
                #expect(word.word == word.prefix(word.wordLength))
            }
        }
    }

    @Test("Behind the end are zero bytes")
    func end() {
        let text = Array("abcdefghij".utf8)
        for index in 0...10 {
            let bytes = text.span.eightBytes(at: index)
            for place in 0..<8 {
                let expected = index + place < 10 ? text[index + place] : 0
                #expect(UInt8(truncatingIfNeeded: bytes >> UInt64(8 * place)) == expected)
            }
        }
    }
}
