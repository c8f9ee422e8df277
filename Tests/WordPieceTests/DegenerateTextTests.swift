import Testing

@testable import WordPiece

/// Texts that cost other tokenizers quadratic time, or that overflow something.
@Suite("Degenerate texts", .serialized)
struct DegenerateTextTests {
    private static let size = 4_000_000

    /// Printed by its name: megabytes in a log hide what failed.
    struct Text: CustomTestStringConvertible, Sendable {
        let name: String
        let text: String
        var testDescription: String { name }

        init(_ name: String, _ text: String) {
            (self.name, self.text) = (name, text)
        }
    }

    static let texts = [
        Text("marks out of order", fill("\u{301}\u{323}")),
        Text("marks that stay, out of order", fill("\u{302E}\u{1BF2}\u{1D165}")),
        Text("regional indicators", fill("\u{1F1E9}\u{1F1EA}")),
        Text("emoji joined to one", fill("\u{1F469}\u{200D}")),
        Text("one word", fill("a")),
        Text("one word that cannot be spelled", fill("\u{1D400}")),
        Text(
            "words that cannot be spelled at their ends", fill(String(repeating: "electro", count: 13) + "\u{1D400} ")),
        Text("brackets", fill("[")),
        Text("special tokens cut short", fill("[SE[MAS")),
        Text("special tokens", fill("[SEP]")),
        Text("ideographs", fill("和")),
        Text("Hangul", fill("한")),
        Text("controls", fill("\u{1}")),
        Text("spaces", fill(" ")),
        Text("punctuation", fill("!")),
    ]

    private static func fill(_ unit: String) -> String {
        String(repeating: unit, count: size / unit.utf8.count)
    }

    /// No measurement, which the benchmarks make (`make bench`), but a guard: what is quadratic does not end in an hour.
    @Test("end, and fit the text", .timeLimit(.minutes(1)), arguments: texts)
    func end(_ text: Text) {
        let encoding = Tokenizer.bertBaseUncased.encode(text.text)
        #expect(encoding.count <= text.text.utf8.count, "\(text.name)")
        #expect(encoding.ends.last ?? 0 <= text.text.utf8.count, "\(text.name)")
    }

    @Test("A megabyte of marks on one letter leaves the letter")
    func marks() {
        let text = "a" + String(repeating: "\u{301}\u{323}", count: 250_000)
        let encoding = Tokenizer.bertBaseUncased.encode(text)
        #expect(encoding.ids == Tokenizer.bertBaseUncased.encode("a").ids)
        #expect(encoding.starts == [0])
        #expect(encoding.ends == [1])
    }

    @Test("A megabyte without a space is one [UNK] with all its bytes")
    func giantWord() {
        let encoding = Tokenizer.bertBaseUncased.encode(String(repeating: "ab", count: 500_000))
        #expect(encoding.ids == [Vocabulary.unknown])
        #expect(encoding.starts == [0])
        #expect(encoding.ends == [1_000_000])
    }
}
