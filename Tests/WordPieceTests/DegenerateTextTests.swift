import Testing

@testable import WordPiece

/// Texts that cost other tokenizers quadratic time, or that overflow something.
@Suite("Degenerate texts", .serialized)
struct DegenerateTextTests {
    private static let size = 4_000_000

    static let texts: [(name: String, text: String)] = [
        ("marks out of order", fill("\u{301}\u{323}")),
        ("marks that stay, out of order", fill("\u{302E}\u{1BF2}\u{1D165}")),
        ("regional indicators", fill("\u{1F1E9}\u{1F1EA}")),
        ("emoji joined to one", fill("\u{1F469}\u{200D}")),
        ("one word", fill("a")),
        ("one word that cannot be spelled", fill("\u{1D400}")),
        ("words that cannot be spelled at their ends", fill(String(repeating: "electro", count: 13) + "\u{1D400} ")),
        ("brackets", fill("[")),
        ("special tokens cut short", fill("[SE[MAS")),
        ("special tokens", fill("[SEP]")),
        ("ideographs", fill("和")),
        ("Hangul", fill("한")),
        ("controls", fill("\u{1}")),
        ("spaces", fill(" ")),
        ("punctuation", fill("!")),
    ]

    private static func fill(_ unit: String) -> String {
        String(repeating: unit, count: size / unit.utf8.count)
    }

    /// No measurement, which the benchmarks make (`make bench`), but a guard: what is quadratic does not end in an hour.
    @Test("end, and fit the text", .timeLimit(.minutes(1)), arguments: texts)
    func end(_ text: (name: String, text: String)) {
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
