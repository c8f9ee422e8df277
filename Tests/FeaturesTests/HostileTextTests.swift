import Testing

@testable import Features

@Suite("Hostile texts", .serialized)
struct HostileTextTests {
    /// Texts that make a careless algorithm quadratic, as the piece to repeat.
    static let pieces = [
        "a", " ", "\n", "\r\n", "a ", ". ", "A. ", "\u{301}\u{323}", "e\u{301}", "\u{1F1E9}", "\u{200D}👩", "\u{200B}",
        "*", "*a ",
        "**a ", "_", "_a ", "`", "`a", "- `a\n", "``a''", "[", "]", "[a](", "[a]((", "![", "<", "<a ", "<a b=\"",
        "<!--", "<script>",
        "<script></script", "<http://a", "&", "&amp", "&amp;", "#", "# ", "```\n", "```\nx\n", "> ", "- ", "- a\n",
        "1. ", "|", "|\n",
        "|-\n", "| a |\n|-|\n", "---\n", "\\", "A_", "PROPER_NAME ", "@CAPS1 ", "а ", "аb ", "\"", "\"a.\" ", "'", "a'",
        "a-", "a.", "1.",
        "...", "(", "Mr. ", "http://", "a@", "~~", "Task ", "\u{FB03}", "𝐚", "Ａ", "\t", "\u{0C}", "!?",
        "as a result ", "it's ", "i ", "teh ", "well-known-", "unhelpfulness", "İ", "a\n\n", "One two. ",
    ]

    /// No measurement, which the benchmarks make (`make bench`), but a guard: what is quadratic does not end in minutes.
    @Test("No text needs more than time linear in its length", .timeLimit(.minutes(1)), arguments: pieces)
    func linear(piece: String) {
        let text = "a" + String(repeating: piece, count: (256 << 10) / piece.utf8.count)
        let features = FeatureExtractor.lexical(Document(TextCleaner.clean(text)))
        #expect(features.values.allSatisfy { $0.isFinite })
    }

    @Test("A megabyte without a space is a text like others")
    func giantWord() {
        let document = Document(String(repeating: "a", count: 1 << 20))
        #expect(document.wordCount == 1)
        #expect(document.sentences == [0..<1 << 20])
        let features = FeatureExtractor.lexical(document)
        #expect(features["average_token_length"] == Double(1 << 20))
        #expect(features["spelling_error_rate"] == 100)
    }

    @Test("A hundred thousand sentences are found")
    func manySentences() {
        let document = Document(String(repeating: "It is. ", count: 100_000))
        #expect(document.sentenceCount == 100_000)
        #expect(document.wordCount == 200_000)
    }
}
