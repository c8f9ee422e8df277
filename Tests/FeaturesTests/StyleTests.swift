import Testing

@testable import Features

@Suite("Style, structure and punctuation")
struct StyleTests {
    private func rate(_ text: String, _ name: String) throws -> Double {
        try #require(FeatureExtractor.lexical(Document(text))[name])
    }

    @Test(
        "Connectives are words and phrases, a phrase counting once",
        arguments: [
            ("However, it rained. Therefore we left.", 2), ("As a result, on the other hand, we left.", 2),
            ("We left because of the rain.", 1), ("On the other day as a child in a house.", 0),
            ("For example, in addition to that, in fact.", 3), ("In", 0), ("as soon", 0), ("As well as", 1),
        ])
    func connectives(text: String, count: Int) {
        #expect(Style.measure(Document(text)).connectives == count)
    }

    @Test("Contractions are verbs drawn together, with either apostrophe; possessives are none")
    func contractions() {
        let measures = Style.measure(Document("I don’t know, it's Ann's dog; they'd say we'll see the teachers' room."))
        #expect(measures.contractions == 4)
        #expect(measures.firstPersonSingular == 1)
        #expect(measures.firstPersonPlural == 1)
    }

    @Test(
        "Sentences begin with a capital, and so does I",
        arguments: [
            ("It is. He was.", 0), ("it is. He was.", 1), ("Then i left, and i'm gone.", 2), ("i left.", 1),
            ("“no,” he said.", 1), ("5 dogs came. Then, i.e. now, we left.", 0), ("iPhones are sold. IT is.", 1),
            ("", 0),
        ])
    func capitals(text: String, count: Int) {
        #expect(Style.measure(Document(text)).capitalizationErrors == count)
    }

    @Test(
        "Inflections, derivations, compounds, British forms and names are spelled right",
        arguments: [
            "dogs walked happily", "unhelpfulness", "well-known co-workers", "the colour organised travelling",
            "Xanthoria",
            "the teacher's students' 20th café", "stopped biggest carried cities", "globalisation", "mustn't o'clock",
        ])
    func spelledRight(text: String) {
        #expect(Style.measure(Document(text)).spellingErrors == 0)
    }

    @Test(
        "Misspellings are found",
        arguments: [
            ("becuase", 1), ("i recieve teh mail", 2), ("dont beleive", 2), ("somthing diffrent hapened", 3),
            ("zzz-zzz", 1),
            (String(repeating: "a", count: 1 << 16), 1),
        ])
    func misspelled(text: String, count: Int) {
        #expect(Style.measure(Document(text)).spellingErrors == count)
    }

    @Test("Marks are counted by kind, per 100 tokens")
    func punctuation() {
        // Well , “ yes ” : it ( the dog ) barked — twice ; why ? ! -- No .
        let measures = Punctuation.measure(Document("Well, “yes”: it (the dog) barked — twice; why?! -- No."))
        #expect(measures.tokens == 21)
        #expect(
            [
                measures.commas, measures.semicolons, measures.colons, measures.dashes, measures.exclamations,
                measures.questions, measures.quotes, measures.parentheses,
            ] == [1, 1, 1, 2, 1, 1, 2, 1])
        #expect(measures.marks == 12)
        #expect(Punctuation.measure(Document("well-known 5% @ 5")).marks == 0)
    }

    @Test("Sentences of equal length do not vary; one long and one short do")
    func variation() throws {
        #expect(try rate("One two. One two.", "sentence_length_variation") == 0)
        #expect(try rate("One two. One two.", "sentence_burstiness") == -1)
        #expect(try rate("One. One two three.", "sentence_length_variation") == 0.5)
        #expect(try rate("One. One two three.", "sentence_burstiness") == -1.0 / 3)
        #expect(try rate("One two three", "sentence_burstiness") == 0)
    }

    @Test("Paragraphs are measured in words, and Markdown by what cleaning took away")
    func paragraphs() throws {
        let text = "# Title\n\nOne two three. Four five.\n\n***\n\n- **six** seven eight"
        #expect(try rate(text, "num_paragraphs") == 3)
        #expect(try rate(text, "average_paragraph_length") == 3)
        #expect(abs(try rate(text, "paragraph_length_variation") - (8.0 / 3).squareRoot() / 3) < 1e-12)
        // Heading, rule, item, two of emphasis.
        #expect(abs(try rate(text, "markdown_rate") - 500.0 / 9) < 1e-12)
    }
}

@Suite("Degenerate texts")
struct DegenerateTextTests {
    /// What is documented for texts that leave nothing to divide by.
    private static let expected: [(text: String, values: [String: Double])] = [
        ("", [:]),
        (
            "?! …",
            [
                "num_sentences": 1, "num_tokens": 3, "average_token_length": 1, "average_sentence_length": 3,
                "punctuation_rate": 100, "exclamation_rate": 100 / 3.0, "question_rate": 100 / 3.0,
            ]
        ),
        (
            "dog",
            [
                "word_entropy": 0, "word_bigram_entropy": 0, "type_token_ratio": 1, "hapax_ratio": 1, "mtld": 1,
                "repeated_bigram_share": 0, "sentence_length_variation": 0, "sentence_burstiness": 0,
                "num_paragraphs": 1,
                "average_paragraph_length": 1, "paragraph_length_variation": 0, "spelling_error_rate": 0,
                "semantic_flow_variability": 0, "semantic_flow_mean": 0, "semantic_flow_minimum": 0,
                "semantic_flow_defined": 0,
            ]
        ),
        (
            "The dog ran home.",
            ["sentence_length_variation": 0, "sentence_burstiness": 0, "repeated_fourgram_share": 0, "mtld": 4]
        ),
    ]

    @Test("Every feature has the value that its definition gives it", arguments: expected)
    func values(text: String, expected: [String: Double]) throws {
        let features = FeatureExtractor.lexical(Document(text)).completed(embeddings: [])
        #expect(features.values.allSatisfy { $0.isFinite })
        for (name, value) in expected { #expect(abs(try #require(features[name]) - value) < 1e-12, "\(name)") }
        if text.isEmpty { #expect(features.values.allSatisfy { $0 == 0 }) }
    }
}
