import Testing

@testable import WordPiece

/// Texts that cost other tokenizers quadratic time, or that overflow something.
@Suite("Degenerate texts", .serialized)
struct DegenerateTextTests {
    private static let size = 200_000

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

    @Test("cost at most a few times what prose of their size costs", arguments: texts)
    func cost(_ text: (name: String, text: String)) {
        let prose = Self.fill("The quick brown fox jumps over the lazy dog, then it rests. ")
        let clock = ContinuousClock()
        // The shortest of some times, taken in turn, because the machine has other things to do meanwhile.
        let times = (0..<4).map { _ in
            (
                prose: clock.measure { _ = Tokenizer.bertBaseUncased.encode(prose) },
                text: clock.measure { _ = Tokenizer.bertBaseUncased.encode(text.text) }
            )
        }
        guard let proseTime = times.map(\.prose).min(), let textTime = times.map(\.text).min() else { return }
        // Measured: 2.6 at most, for brackets. A quadratic step on 200 KB would cost thousands of times as much.
        #expect(textTime < proseTime * 8, "\(text.name)")
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
