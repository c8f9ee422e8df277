import Testing

@testable import Features

extension Document {
    init(_ text: String) {
        self.init(TextCleaner.clean(text))
    }

    func strings(_ ranges: [Range<Int>]) -> [String] {
        ranges.map { String(decoding: clean.bytes[$0], as: UTF8.self) }
    }

    var sentenceStrings: [String] { strings(sentences) }
    var tokenStrings: [String] { strings((0..<tokens.count).map { tokens[$0] }) }
    var wordStrings: [String] { strings((0..<words.count).map { words[$0] }) }
}

@Suite("A document is segmented once")
struct DocumentTests {
    @Test(
        "Sentences end where a reader ends them",
        arguments: [
            ["One came. Two went! Did three stay?"].map { ($0, ["One came.", "Two went!", "Did three stay?"]) },
            [("Dr. Smith met Mr. J. R. Brown. They talked.", ["Dr. Smith met Mr. J. R. Brown.", "They talked."])],
            [
                (
                    "It costs 3.50 dollars, i.e. a lot. Pi is 3.14.",
                    ["It costs 3.50 dollars, i.e. a lot.", "Pi is 3.14."]
                )
            ],
            [
                (
                    "We met at 5 p.m. The sun set. The U.S. Army came.",
                    ["We met at 5 p.m.", "The sun set.", "The U.S. Army came."]
                )
            ],
            [("Apples, pears, etc. Then we left.", ["Apples, pears, etc.", "Then we left."])],
            [("\"No.\" he said. \"Why?\" \"Because.\"", ["\"No.\" he said.", "\"Why?\"", "\"Because.\""])],
            [
                (
                    "He said “Stop!” Then he ran. (It was late.) We left.",
                    ["He said “Stop!”", "Then he ran.", "(It was late.)", "We left."]
                )
            ],
            [("Wait... what? Well… Maybe.", ["Wait... what?", "Well…", "Maybe."])],
            [("i like it. it is good. so i stay", ["i like it.", "it is good.", "so i stay"])],
            [("This is the end.The next begins.", ["This is the end.", "The next begins."])],
            [("See www.example.com. It works.", ["See www.example.com.", "It works."])],
            [("He said no. Then he left. See No. 5 there.", ["He said no.", "Then he left.", "See No. 5 there."])],
            [("Really?! Yes!!! Ok.", ["Really?!", "Yes!!!", "Ok."])],
            [("\"Why?\", he asked. \"So\", I said.", ["\"Why?\", he asked.", "\"So\", I said."])],
            [("It cost $8. 20 at 5 p. m. today.", ["It cost $8. 20 at 5 p. m. today."])],
        ].flatMap { $0 })
    func sentences(text: String, expected: [String]) {
        #expect(Document(text).sentenceStrings == expected)
    }

    @Test("Lines end sentences where they are titles or items, not where prose is wrapped")
    func lines() {
        let letter = "Dear Sir,\nI write to you.\n\nYours,\nAnn"
        #expect(Document(letter).sentenceStrings == ["Dear Sir,", "I write to you.", "Yours,", "Ann"])
        let wrapped = "This line of prose was wrapped by some editor at\nseventy columns and Peter\ngoes on here."
        #expect(Document(wrapped).sentenceCount == 1)
        #expect(Document("- one item\n- another item").sentenceStrings == ["one item", "another item"])
        #expect(Document("My reasons are these, and there are many of them:\nFirst, it is so.").sentenceCount == 2)
    }

    @Test("Paragraphs are parted by blank lines and by blocks")
    func paragraphs() {
        let document = Document("# Title\nOne. Two.\nThree.\n\n\nFour.")
        #expect(document.strings(document.paragraphs) == ["Title", "One. Two.\nThree.", "Four."])
    }

    @Test(
        "Tokens are the Penn Treebank's",
        arguments: [
            ("I don't know.", ["I", "do", "n't", "know", "."]),
            ("She'll say it's John's", ["She", "'ll", "say", "it", "'s", "John", "'s"]),
            ("it’s can’t", ["it", "’s", "ca", "n’t"]), ("cannot", ["can", "not"]),
            ("the students' books", ["the", "students", "'", "books"]),
            ("well-known, state-of-the-art", ["well-known", ",", "state-of-the-art"]),
            ("$5.20 (10%)", ["$", "5.20", "(", "10", "%", ")"]),
            ("1,000 at 10:30", ["1,000", "at", "10:30"]), ("Mr. Dr.", ["Mr.", "Dr."]),
            ("a, \"b\" – c", ["a", ",", "\"", "b", "\"", "–", "c"]),
            ("wait... so… oh--no", ["wait", "...", "so", "…", "oh", "--", "no"]), ("and/or", ["and", "/", "or"]),
            ("me@example.com, https://a.b/c?d.", ["me@example.com", ",", "https://a.b/c?d", "."]),
            ("AT&T's R&D", ["AT&T", "'s", "R&D"]),
            ("'tis the '90s", ["'tis", "the", "'90s"]), ("😀🇩🇪", ["😀", "🇩", "🇪"]), ("end.The", ["end", ".", "The"]),
            ("e\u{301}te\u{301}", ["e\u{301}te\u{301}"]), ("snake_case", ["snake_case"]),
            ("U.S. e.g. a.m.", ["U.S.", "e.g.", "a.m."]),
        ])
    func tokens(text: String, expected: [String]) {
        #expect(Document(text).tokenStrings == expected)
    }

    @Test(
        "Words keep contractions and compounds together, and leave marks and addresses out",
        arguments: [
            ("I don't know; it’s 5.", ["I", "don't", "know", "it’s", "5"]),
            ("a well-known – and old – man", ["a", "well-known", "and", "old", "man"]),
            ("and/or www.example.com !!! 😀", ["and", "or"]), ("", []), ("... --- !", []),
        ])
    func words(text: String, expected: [String]) {
        #expect(Document(text).wordStrings == expected)
    }

    @Test("Words are equal whatever their case and apostrophe")
    func hashes() {
        let words = Document("Don't DON’T don't École école").words
        #expect(Set(words.hashes).count == 2)
        #expect(words.letterCounts == [4, 4, 4, 5, 5])
    }

    @Test("Letters of every script are folded as Unicode's lower-case mapping has it")
    func folding() {
        var wrong: [UInt32] = []
        for value in (UInt32(0xC0)...0x24F).filter({ $0 != 0xD7 && $0 != 0xF7 }) + [
            0x391, 0x416, 0x1E9E, 0x4E2D, 0xAC00,
        ] {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let expected = WordHash(exactly: scalar.properties.lowercaseMapping.utf8).value
            if Document(String(scalar)).words.hashes != [expected] { wrong.append(value) }
        }
        #expect(wrong.isEmpty)
    }

    @Test("Sentences hold all tokens and words, in order, without overlap")
    func consistency() {
        let document = Document("One, two. Three!\n\n(Four) five… \"Six?\" Seven 😀.")
        #expect(document.sentenceTokens.flatMap(Array.init) == Array(0..<document.tokens.count))
        #expect(document.sentenceWords.flatMap(Array.init) == Array(0..<document.words.count))
        #expect(document.characterCount == document.clean.text.unicodeScalars.count { !$0.properties.isWhitespace })
        #expect(document.pieceCount == document.clean.text.split { $0.isWhitespace }.count)
    }
}
