import Testing

@testable import Features

@Suite("What corpora and prompts add to essays is removed")
struct EssayCleaningTests {
    @Test(
        "Placeholders go, with their possessive and the space before a mark",
        arguments: [
            ("I asked PROPER_NAME about it.", "I asked about it."), ("My friend Generic_Name.", "My friend."),
            ("In Generic_City's park", "In park"), ("TEACHER_NAME’s class", "class"),
            ("Well, Generic_School, the best", "Well, the best"), ("by STUDENT_NAME\n\nText", "by\n\nText"),
            ("LOCATION_NAME is nice", "is nice"), ("I met @PERSON1 and @CAPS12 there", "I met and there"),
            ("STUDENT_NAME", ""), ("SCHOOL_NAME_2 was", "was"),
        ])
    func placeholders(text: String, expected: String) {
        let clean = TextCleaner.clean(text)
        #expect(clean.text == expected)
        #expect(clean.hygiene[.placeholders] >= 1)
    }

    @Test(
        "Other words with underscores or at signs stay",
        arguments: [
            "the mass M_BH and K_L", "set MAX_VALUE to 5", "my_name is", "a @user and me@example.com",
            "PM_ME_YOUR_PORN wrote", "_ and __ alone", "@CAPS1x", "x@CAPS1",
        ])
    func noPlaceholders(text: String) {
        #expect(TextCleaner.clean(text).text == text)
    }

    @Test(
        "The prompt's label at the start goes",
        arguments: [
            ("Task\nThe text", "The text"), ("Task 1.\nThe text", "The text"), ("Task 1. The text", "The text"),
            ("Task 2: The text", "The text"), ("  Task: the text", "the text"), ("TASK 1\n\nThe text", "The text"),
            ("Task 1 The graph shows", "The graph shows"), ("Task The graph shows", "The graph shows"),
            ("## Task 3\nText", "Text"), ("**Task 1.** Text", "Text"), ("Task 1 - Text", "Text"), ("Task", ""),
        ])
    func promptPrefix(text: String, expected: String) {
        let clean = TextCleaner.clean(text)
        #expect(clean.text == expected)
        #expect(clean.hygiene[.promptPrefix] == 1)
    }

    @Test(
        "A task that belongs to a sentence stays",
        arguments: [
            "Task management is important.", "Task 1 was easy.", "Tasks are hard.", "Task Force One came.",
            "task 1. in small letters", "Task 1.5 of the list", "My Task 1. was this", "Taskmaster",
        ])
    func noPromptPrefix(text: String) {
        let clean = TextCleaner.clean(text)
        #expect(clean.text == text)
        #expect(clean.hygiene[.promptPrefix] == 0)
    }

    @Test("The names of the findings are snake_case and each occurs once")
    func names() {
        let names = TextCleaner.clean("").hygiene.counts.map(\.name)
        #expect(Set(names).count == Hygiene.Finding.allCases.count)
        #expect(names.allSatisfy { $0.utf8.allSatisfy { $0.isASCIILowercase || $0 == UInt8(ascii: "_") } })
        for finding in Hygiene.Finding.allCases {
            var hygiene = Hygiene()
            hygiene.add(finding, 3)
            #expect(hygiene.counts.filter { $0.count > 0 }.map(\.name) == [finding.rawValue])
        }
    }

    @Test("Clean prose comes out as it went in, whatever its words")
    func idempotence() {
        var generator = SeededGenerator(seed: printedSeed())
        let words = [
            "the", "Essay", "naïve", "don't", "it’s", "well-known", "3.14", "a", "I", "(perhaps)", "“quoted”", "\"so\"",
            "x < y", "5 * 6", "AT&T", "e.g.", "Привет", "10%", "and/or", "C++", "東京", "😀", "$5", "[sic]",
        ]
        for _ in 0..<200 {
            let paragraphs = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                let sentences = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                    (0..<Int.random(in: 3...12, using: &generator))
                        .map { _ in words.randomElement(using: &generator) ?? "" }.joined(separator: " ") + "."
                }
                return "We " + sentences.joined(separator: " ")
            }
            let text = paragraphs.joined(separator: "\n\n")
            let clean = TextCleaner.clean(text)
            #expect(clean.text == text)
            #expect(clean.originalRange(0..<clean.bytes.count) == 0..<text.utf8.count)
        }
    }
}
