import Testing

@testable import Features

@Suite("Characters are cleaned")
struct CharacterCleaningTests {
    @Test(
        "Line ends and white space",
        arguments: [
            ("a\r\nb\rc\u{2028}d\u{85}e", "a\nb\nc\nd\ne"),
            ("a\u{2029}b\u{0C}c", "a\n\nb\n\nc"),
            ("a \t b\u{A0}\u{2003}c\u{3000}d", "a b c d"),
            ("  a  \n  b  \n \n\n  c  ", "a\nb\n\nc"),
            (" \n\t ", ""), ("", ""),
        ])
    func whiteSpace(text: String, expected: String) {
        #expect(TextCleaner.clean(text).text == expected)
    }

    @Test(
        "What cannot be seen goes, and is counted",
        arguments: [
            ("a\u{0}b\u{1B}c\u{7F}d\u{9F}e\u{FFFE}", Hygiene.Finding.controlCharacters, 5),
            ("a_x000D_\nb_x0009_c", .controlCharacters, 2),
            ("a\u{200B}b\u{200C}c\u{200D}d\u{FEFF}e\u{2060}f\u{E0041}g\u{FE0F}h\u{3164}", .zeroWidthCharacters, 8),
            ("a\u{AD}b", .softHyphens, 1),
            ("a\u{202E}b\u{2066}c\u{200F}d\u{061C}", .bidiControls, 4),
        ])
    func invisible(text: String, finding: Hygiene.Finding, count: Int) {
        let clean = TextCleaner.clean(text)
        #expect(clean.hygiene[finding] == count)
        #expect(clean.text.filter { $0 != "\n" } == String("abcdefgh".prefix(clean.text.filter { $0 != "\n" }.count)))
    }

    @Test("Joiners of emoji go but do not count as hidden characters")
    func emoji() {
        let clean = TextCleaner.clean("👩\u{200D}🚀 ❤\u{FE0F}")
        #expect(clean.text == "👩🚀 ❤")
        #expect(clean.hygiene[.emojiJoiners] == 2)
        #expect(clean.hygiene[.zeroWidthCharacters] == 0)
    }

    @Test(
        "Other forms of Latin letters and digits are folded",
        arguments: [
            ("Ｆｕｌｌ１２％", "Full12%", Hygiene.Finding.fullWidthForms, 7),
            ("𝐁𝒐𝓵𝔡 𝟏𝟚 ℌℓ", "Bold 12 Hl", .styledLetters, 8),
            ("ⓐⒷ 🄲🅓🅴", "aB CDE", .styledLetters, 5),
            ("𝛼𝚨𝝏", "αΑ∂", .styledLetters, 3),
            ("oﬃce ﬁnd", "office find", .ligatures, 2),
        ])
    func forms(text: String, expected: String, finding: Hygiene.Finding, count: Int) {
        let clean = TextCleaner.clean(text)
        #expect(clean.text == expected)
        #expect(clean.hygiene[finding] == count)
    }

    @Test(
        "Letters of other scripts are folded where they pose as Latin",
        arguments: [
            ("The сat іs hеre", "The cat is here"), ("Ехample wоrds", "Example words"),
            ("plаϲe and reѕeaⲅch", "place and research"),
            ("The hοuse iѕ οld", "The house is old"), ("a ոice սse of հomes", "a nice use of homes"),
            ("This is а test, с and о", "This is a test, c and o"), ("the ɡood ɑnd", "the good and"),
            ("unraveⅼed", "unraveled"), ("ᴄᴀᴘs in text", "caps in text"),
        ])
    func homoglyphs(text: String, expected: String) {
        let clean = TextCleaner.clean(text)
        #expect(clean.text == expected)
        #expect(clean.hygiene[.homoglyphs] > 0)
    }

    @Test(
        "Real words of other scripts stay",
        arguments: [
            "Привет, как дела?", "Она сказала: а вот и он.", "The word привет means hello.", "И он, а не она, и о ней",
            "Γειά σου Κόσμε", "the angle α and the ratio ρ", "the Hα and Lyα lines", "ρ and ν are letters",
            "the vowel /ˈɡɑːdən/", "東京 is Tokyo", "naïve café Łódź Işık",
        ])
    func otherScripts(text: String) {
        #expect(TextCleaner.clean(text).text == text)
    }

    @Test("No base keeps more than the maximum of combining marks, however they come")
    func combiningMarks() {
        let marks = String(repeating: "\u{301}", count: 20)
        let clean = TextCleaner.clean("a\(marks)b")
        #expect(clean.text.unicodeScalars.count == 2 + TextCleaner.maximumMarks)
        #expect(clean.hygiene[.excessCombiningMarks] == 20 - TextCleaner.maximumMarks)
        let references = String(repeating: "&#769;\u{200B}", count: 20)
        #expect(TextCleaner.clean("a\(references)b").text.unicodeScalars.count == 2 + TextCleaner.maximumMarks)
        #expect(
            TextCleaner.clean("e\u{301}te\u{301}").text.unicodeScalars.elementsEqual("e\u{301}te\u{301}".unicodeScalars)
        )
    }
}
