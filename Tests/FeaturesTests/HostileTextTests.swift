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

    private static let bytes = 128 << 10

    /// Seconds for cleaning, segmenting and extracting.
    private static func seconds(_ piece: String) -> Double {
        let text = "a" + String(repeating: piece, count: bytes / piece.utf8.count)
        let duration = ContinuousClock().measure {
            let document = Document(TextCleaner.clean(text))
            #expect(FeatureExtractor.lexical(document).values.allSatisfy { $0.isFinite })
        }
        return duration / .seconds(1)
    }

    private static let prose = seconds("A sentence about nothing at all, really, and it's plain. ")

    /// A step that is repeated for every byte of every piece would cost a hundred times what prose costs; linear ones
    /// cost up to three times. Between them there is room for a machine with other things to do.
    @Test("No text costs much more than prose of its length", arguments: pieces)
    func linear(piece: String) {
        let limit = max(20 * Self.prose, 0.5)
        let cost = Self.seconds(piece)
        #expect(cost < limit, "\(piece.debugDescription): \(cost) s, prose \(Self.prose) s")
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
