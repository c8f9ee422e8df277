import Testing

@testable import Features

@Suite("Ranges of the cleaned text lead back to the text as given")
struct OffsetTests {
    /// The part of the original that a part of the cleaned text came from.
    private func origin(of part: String, in text: String) throws -> String {
        let clean = TextCleaner.clean(text)
        let pattern = Array(part.utf8)
        let start = try #require(
            clean.bytes.indices.first { clean.bytes[$0...].starts(with: pattern) }, "\(part) in \(clean.text)")
        let range = clean.originalRange(start..<start + pattern.count)
        return String(decoding: Array(text.utf8)[range], as: UTF8.self)
    }

    @Test(
        "A part that was changed maps to what it was",
        arguments: [
            ("some **bold** text", "bold", "bold"), ("some **bold** text", "some bold text", "some **bold** text"),
            ("see [the page](http://a.b) now", "the page", "the page"),
            ("see [the page](http://a.b) now", "now", "now"),
            ("fish &amp; chips", "&", "&amp;"), ("fish &amp; chips", "chips", "chips"), ("a сat", "cat", "сat"),
            ("Ｆull width", "Full", "Ｆull"), ("o\u{FB03}ce", "f", "\u{FB03}"), ("o\u{FB03}ce", "office", "o\u{FB03}ce"),
            ("I met STUDENT_NAME there", "met there", "met STUDENT_NAME there"), ("a\u{200B}b c", "ab", "a\u{200B}b"),
            ("Task 1. The text", "The", "The"), ("one\r\n\r\ntwo", "two", "two"),
            ("one  \t two", "one two", "one  \t two"),
            ("# Title\nText", "Text", "Text"), ("é𝐁 naïve", "naïve", "naïve"), ("é𝐁 naïve", "B", "𝐁"),
            ("<p>One &lt;b&gt; t𝐰o</p>", "<b> two", "&lt;b&gt; t𝐰o"),
        ])
    func maps(text: String, part: String, original: String) throws {
        #expect(try origin(of: part, in: text).unicodeScalars.elementsEqual(original.unicodeScalars))
    }

    @Test("Every word of an unmarked paragraph maps to itself")
    func words() throws {
        let text = "> **Zoë** said:\u{A0}“the   сafé’s [menu](m.html) is 𝐠ood”.\r\n\r\n- It &amp; that\n"
        let document = Document(TextCleaner.clean(text))
        let origins = (0..<document.words.count).map { index in
            String(decoding: Array(text.utf8)[document.clean.originalRange(document.words[index])], as: UTF8.self)
        }
        #expect(origins == ["Zoë", "said", "the", "сafé’s", "menu", "is", "𝐠ood", "It", "that"])
    }

    @Test("Ranges off the scalars' boundaries are widened, those off the text clamped, empty ones stay empty")
    func edges() {
        let clean = TextCleaner.clean("é**é**é")
        #expect(clean.text == "é**é**é")
        #expect(clean.originalRange(1..<2) == 0..<2)
        #expect(clean.originalRange(0..<1) == 0..<2)
        #expect(clean.originalRange(-5..<500) == 0..<10)
        #expect(clean.originalRange(400..<500).isEmpty)
        #expect(clean.originalRange(3..<3) == 3..<3)
        let empty = TextCleaner.clean("\u{200B}")
        #expect(empty.text.isEmpty)
        #expect(empty.originalRange(0..<0).isEmpty)
    }
}
