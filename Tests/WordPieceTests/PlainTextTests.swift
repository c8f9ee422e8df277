import Testing

@testable import WordPiece

/// The short cut through plain text against the four stages, which the oracle's answers prove.
@Suite("Plain text")
struct PlainTextTests {
    private static let tokenizer = Tokenizer.bertBaseUncased

    /// Parts that meet in a random text: each kind next to each other, on either side of each border that there is.
    private static let parts: [[String]] = [
        ["the", "The", "WHO", "a", "I", "x9", "42", "2024", "unaffable", "internationalization", "qzxvw", "abcdefgh"],
        [" ", "  ", "\n", "\t", "\r\n", " ", " ", " "],
        [".", ",", "!", "'", "\"", "-", "(", "]", "#", "##", "$", "`", "~", "@"],
        ["[", "[SEP]", "[CLS]", "[MASK]", "[PAD]", "[UNK]", "[sep]", "[SEP", "[[MASK]]", "[ UNK ]", "[MASK"],
        ["\0", "\u{1}", "\u{7F}", "\u{B}", "\u{85}", "\u{AD}", "\u{200B}", "\u{FEFF}", "\u{FFFD}", "\u{E000}"],
        ["\u{301}", "\u{323}", "\u{302E}", "\u{1BF2}", "\u{1D165}", "\u{1E94A}", "\u{34F}", "\u{344}", "\u{F73}"],
        ["é", "É", "ß", "ẞ", "İ", "ı", "Σ", "ς", "σ", "ﬁ", "ñ", "\u{212B}", "\u{1D15E}", "\u{37E}", "e\u{301}"],
        ["’", "“", "”", "—", "…", "–", "·", "«", "\u{3001}", "\u{A0}", "\u{2003}", "\u{3000}", "\u{2028}"],
        ["和", "漢字", "\u{F900}", "\u{20000}", "ひ", "が", "한", "국", "\u{1100}", "я", "Я", "й", "ا", "\u{5D0}", "क"],
        ["€", "×", "°", "²", "\u{1D400}", "😀", "\u{1F1E9}", "\u{378}", "\u{10FFFF}", "\u{E0101}"],
    ]

    private static func part(_ random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<40, using: &random) {
        case 0: return String(repeating: "a", count: Int.random(in: 99...101, using: &random))
        case 1:
            let length = Int.random(in: 1...24, using: &random)
            return String(
                (0..<length).map { _ in "abcdefghijklmnopqrstuvwxyzAEIOU01".randomElement(using: &random) ?? "a" })
        case 2...16: return parts[0].randomElement(using: &random) ?? ""
        default: return parts.randomElement(using: &random)?.randomElement(using: &random) ?? ""
        }
    }

    @Test("It gives the tokens and offsets of the stages for any mixture")
    func mixtures() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for number in 0..<20_000 {
            // Now and then a text that needs more room than was made for it.
            let count = number % 1000 == 0 ? 3000 : Int.random(in: 1...12, using: &random)
            let text = (0..<count).map { _ in Self.part(&random) }.joined()
            let (plain, stages) = (Self.tokenizer.encode(text), Self.tokenizer.encodeByStages(text))
            #expect(plain == stages, "seed \(seed), text \(number): \(text.debugDescription)")
        }
    }

    @Test("It gives them for each two parts side by side, alone and within a sentence")
    func pairs() {
        let parts = Self.parts.flatMap { $0 }
        for first in parts {
            for second in parts {
                for text in [first + second, "see it" + first + second + "now, ok"] {
                    let (plain, stages) = (Self.tokenizer.encode(text), Self.tokenizer.encodeByStages(text))
                    #expect(plain == stages, "\(text.debugDescription)")
                }
            }
        }
    }

    @Test("It gives them for every scalar value behind a letter and behind a comma")
    func scalars() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "ab\(Character(scalar))cd, \(Character(scalar)),\(Character(scalar))\u{F73}e"
            guard Self.tokenizer.encode(text) == Self.tokenizer.encodeByStages(text) else {
                Issue.record("U+\(String(value, radix: 16))")
                continue
            }
        }
    }

    @Test("It gives them for words of every length")
    func lengths() {
        for length in 0...130 {
            for letter in ["a", "Z", "7", "я", "é"] {
                let text = String(repeating: letter, count: length)
                for text in [text, text + " x", text + ",", text + "\u{301}", text + "\0", "x " + text + "[SEP]"] {
                    let (plain, stages) = (Self.tokenizer.encode(text), Self.tokenizer.encodeByStages(text))
                    #expect(plain == stages, "\(text.debugDescription)")
                }
            }
        }
    }
}
