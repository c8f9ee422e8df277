import Testing

@testable import WordPiece

@Suite("Tokenizer")
struct TokenizerTests {
    private let tokenizer = Tokenizer.bertBaseUncased

    /// The tokens' sources, cut out of the text.
    private func slices(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        let encoding = tokenizer.encode(text)
        return zip(encoding.starts, encoding.ends).map { String(decoding: bytes[$0..<$1], as: UTF8.self) }
    }

    private func tokens(_ text: String) -> [String] {
        tokenizer.encode(text).ids.map { tokenizer.vocabulary.token($0) ?? "none" }
    }

    @Test("Words are cut into pieces, each the longest that fits")
    func pieces() {
        #expect(tokens("Unaffable embeddings!") == ["una", "##ffa", "##ble", "em", "##bed", "##ding", "##s", "!"])
    }

    @Test("The text sliced by the offsets shows each token's source")
    func sources() {
        #expect(slices("A [SEP] cre\u{300}me: 한!") == ["A", "[SEP]", "cr", "e\u{300}me", ":", "한", "한", "한", "!"])
    }

    @Test("Case, accents and controls do not change the ids")
    func equalIDs() {
        let plain = tokenizer.encode("creme brulee").ids
        #expect(tokenizer.encode("Crème BRÛLÉE").ids == plain)
        #expect(tokenizer.encode("cre\u{300}me bru\u{302}le\u{301}e").ids == plain)
        #expect(tokenizer.encode("\u{FEFF}cr\u{200B}eme\u{0} \u{7F}bru\u{AD}lee\u{FFFD}").ids == plain)
    }

    @Test("A word of over 100 characters, or with a character that no piece has, is one [UNK]")
    func unknownWords() {
        #expect(tokenizer.encode(String(repeating: "a", count: 100)).unknownCount == 0)
        let long = tokenizer.encode("x " + String(repeating: "a", count: 101) + " y")
        #expect(long.ids.map { $0 == Vocabulary.unknown } == [false, true, false])
        #expect(long.starts[1]..<long.ends[1] == 2..<103)
        #expect(slices("hello\u{1D400} x") == ["hello\u{1D400}", "x"])
        #expect(tokenizer.encode("hello\u{1D400} x").unknownCount == 1)
    }

    @Test(
        "Nothing is left of a text of white space, controls and accents",
        arguments: ["", " ", "\n\t\u{3000}", "\0\u{FFFD}\u{301}"])
    func nothing(_ text: String) {
        #expect(tokenizer.encode(text).isEmpty)
    }

    @Test("Special tokens are found as written, whatever is around them")
    func specialTokens() {
        #expect(tokens("a[SEP]b [MASK]") == ["a", "[SEP]", "b", "[MASK]"])
        #expect(tokens("[sep] [SEP") == ["[", "sep", "]", "[", "sep"])
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [[0xFF], [0x61, 0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]])
    func invalid(_ bytes: [UInt8]) {
        #expect(throws: UTF8.ValidationError.self) { try tokenizer.encode(validating: bytes.span) }
    }

    @Test("The row of a text has [CLS] before and [SEP] behind, from no part of the text")
    func row() {
        let row = tokenizer.postProcessor.row(tokenizer.encode("Hello"))
        #expect(row.ids == [101, 7592, 102])
        #expect(row.starts == [0, 0, 0])
        #expect(row.ends == [0, 5, 0])
    }

    @Test("A padded row holds a window's tokens between [CLS] and [SEP]")
    func paddedRow() {
        let encoding = tokenizer.encode("one two three four")
        let ids = tokenizer.postProcessor.paddedIDs(encoding, 1..<3, length: 6)
        #expect(ids == [101, Int64(encoding.ids[1]), Int64(encoding.ids[2]), 102, 0, 0])
    }

    @Test("Threads share one tokenizer")
    func concurrency() async {
        let texts = (0..<64).map { "Text \($0): Crème brûlée, \u{302E}\u{1BF2} 한국어 [SEP] \u{1D400}" }
        let expected = texts.map { tokenizer.encode($0) }
        let actual = await withTaskGroup(of: (Int, Encoding).self) { group in
            for (index, text) in texts.enumerated() {
                group.addTask { (index, Tokenizer.bertBaseUncased.encode(text)) }
            }
            return await group.reduce(into: [Int: Encoding]()) { $0[$1.0] = $1.1 }
        }
        for index in texts.indices { #expect(actual[index] == expected[index]) }
    }
}

@Suite("Vocabulary")
struct VocabularyTests {
    @Test("bert-base-uncased has 30,522 different tokens, the special ones at their ids")
    func bertBaseUncased() {
        let vocabulary = Vocabulary.bertBaseUncased
        #expect(vocabulary.count == 30_522)
        #expect(vocabulary.token(Vocabulary.pad) == "[PAD]")
        #expect(vocabulary.token(Vocabulary.unknown) == "[UNK]")
        #expect(vocabulary.token(Vocabulary.cls) == "[CLS]")
        #expect(vocabulary.token(Vocabulary.sep) == "[SEP]")
        #expect(vocabulary.token(Vocabulary.mask) == "[MASK]")
        #expect(vocabulary.token(30_521) == "##～")
        #expect(vocabulary.token(30_522) == nil)
        #expect(vocabulary.token(-1) == nil)
        #expect(Set((0..<30_522).compactMap { vocabulary.token($0) }).count == 30_522)
    }

    @Test("Every token that starts a word is its own encoding")
    func roundTrip() throws {
        // Brackets and full stops are punctuation, so no text gives these tokens.
        func isUnreachable(_ token: String) -> Bool { token.hasPrefix("[unused") || token == "..." }
        // In bytes: for `hasPrefix`, ## before a spacing mark is no prefix.
        func isContinuation(_ token: String) -> Bool { token.utf8.starts(with: "##".utf8) }
        let vocabulary = Vocabulary.bertBaseUncased
        for id in 0..<Int32(vocabulary.count) {
            let token = try #require(vocabulary.token(id))
            if isContinuation(token) || isUnreachable(token) { continue }
            #expect(Tokenizer.bertBaseUncased.encode(token).ids == [id], "\(token)")
        }
    }
}
