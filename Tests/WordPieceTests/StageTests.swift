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
    @Test("The longest key is found, as by trying all")
    func longestMatch() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for alphabet in [2, 5, 255] {
            func word(_ lengths: ClosedRange<Int>) -> [UInt8] {
                let length = Int.random(in: lengths, using: &random)
                return (0..<length).map { _ in UInt8(Int.random(in: 1...alphabet, using: &random)) }
            }
            let keys = Array(Set((0..<2000).map { _ in word(1...8) }))
            let bytes = keys.flatMap { $0 }
            var ranges: [Range<Int>] = []
            for key in keys {
                let start = ranges.last?.upperBound ?? 0
                ranges.append(start..<(start + key.count))
            }
            let trie = DoubleArrayTrie(keys: ranges, in: bytes.span)
            let values = Dictionary(uniqueKeysWithValues: zip(keys, Int32(0)...))
            for text in keys + (0..<2000).map({ _ in word(1...20) }) {
                let prefixes = (1...text.count).reversed().map { Array(text.prefix($0)) }
                let expected = prefixes.first { values[$0] != nil }
                let actual = trie.longestMatch(in: text.span, 0..<text.count, from: DoubleArrayTrie.root)
                #expect(actual?.end == expected?.count, "seed \(seed), \(text)")
                #expect(actual?.value == expected.flatMap { values[$0] }, "seed \(seed), \(text)")
            }
        }
    }
}
