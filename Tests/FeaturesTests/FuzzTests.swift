import Foundation
import Testing

@testable import Features

@Suite("Random texts")
struct FuzzTests {
    private static let fragments =
        HostileTextTests.pieces + [
            "the", " word", "Word", ".", "?", ",", "\n\n", "**", "](http://x.y)", "</b>", "<b>", "&#8203;", "&#x430;",
            "&nbsp;",
            "STUDENT_NAME", "Task 1.", "о", "привет", "α", "東", "\u{FFFD}", "\u{10FFFF}", "\u{E000}", "\u{0}", "\u{85}",
            "\u{2028}",
            "\u{202E}", "\u{FE0F}", "\u{1F9D1}", "_x000D_", "don’t", "“", "”", "…", "—", "3.14", "e.g.", "```", "~~~",
            "===", "  ", "as a result ", "in addition to that, ", "However, ", "it's ", "i’m ", "we ", "i ", "teh ",
            "o'",
            "well-", "-known ", "unhelpfulnesses ", "s'", "’s", "colours", "911", "İ", "ß", "K", "so_much_pain ",
            // Beginnings of something: a text may end there.
            "</", "</a", "<!", "<!-", "<?", "<a href=\"", "&#", "&#x", "&am", "![a](", "[a](b", "PROPER_", "@CA", "Tas",
        ]

    private func randomText(_ generator: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...60, using: &generator) {
            if Int.random(in: 0..<5, using: &generator) == 0 {
                let value =
                    UInt32.random(in: 0...0x10FFFF, using: &generator) >> UInt32.random(in: 0...20, using: &generator)
                if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
            } else {
                let fragment = Self.fragments.randomElement(using: &generator) ?? ""
                text += String(repeating: fragment, count: Int.random(in: 1...3, using: &generator))
            }
        }
        // Half of the texts are cut somewhere.
        let isCut = Bool.random(using: &generator)
        return isCut ? String(text.unicodeScalars.prefix(Int.random(in: 0...120, using: &generator))) : text
    }

    /// Where a reader looks one byte too far, some cut finds it: "</" at the very end once stopped the process.
    @Test("A text may begin and end anywhere")
    func cuts() {
        let text = """
            Task 1. <p class="a">It&#8217;s &amp; <b>**bold**</b> </p><!-- no --><script>x</script> <http://a.b> `code`
            # Head\u{301} ![a](b "c") [d](e) ~~f~~ @CAPS1 PROPER_NAME 3.14 e.g. U.S. don't \u{201C}quote\u{201D}\u{2026}
            | a | b |
            |---|---|
            ```
            x
            ```
            - one well-known re-\u{AD}entry\u{200B} \u{430}bc \u{FF21}\u{1F469}\u{200D}\u{1F469} &nbsp;<br/></
            """
        let scalars = Array(text.unicodeScalars)
        for place in 0...scalars.count {
            for part in [scalars[..<place], scalars[place...]] {
                var cut = ""
                cut.unicodeScalars.append(contentsOf: part)
                #expect(check(cut) == [], "\(cut.debugDescription)")
            }
        }
    }

    /// FEATURES_FUZZ_SECONDS lets it run for longer than its 4,000 rounds.
    @Test("Whatever comes in, what comes out keeps its promises")
    func invariants() {
        let seed = printedSeed()
        var generator = SeededGenerator(seed: seed)
        let seconds = ProcessInfo.processInfo.environment["FEATURES_FUZZ_SECONDS"].flatMap { Double($0) } ?? 0
        let end = ContinuousClock.now.advanced(by: .seconds(seconds))
        var rounds = 0
        defer { print("\(rounds) rounds") }
        while rounds < 4000 || ContinuousClock.now < end {
            rounds += 1
            let round = rounds
            let text = randomText(&generator)
            let problems = check(text)
            guard problems.isEmpty else {
                Issue.record("seed \(seed), round \(round): \(problems) in \(text.debugDescription)")
                return
            }
        }
    }

    /// What is wrong with the way a text is treated.
    private func check(_ text: String) -> [String] {
        let original = Array(text.utf8)
        let clean = TextCleaner.clean(text)
        let document = Document(clean)
        var problems: [String] = []
        func expect(_ condition: Bool, _ problem: @autoclosure () -> String) {
            if !condition { problems.append(problem()) }
        }
        expect(String(validating: clean.bytes, as: UTF8.self) != nil, "the cleaned text is not UTF-8")
        expect(clean.bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A }, "a control is left")
        expect(
            !clean.text.unicodeScalars.contains { (0x200B...0x200F).contains($0.value) }, "a hidden character is left")
        expect(clean.bytes.first != 0x20 && clean.bytes.first != 0x0A, "white space at the start")
        expect(clean.bytes.last != 0x20 && clean.bytes.last != 0x0A, "white space at the end")
        expect(hygieneIsSane(clean, original), "hygiene")
        problems += checkMap(clean, original)
        let tokens = (0..<document.tokens.count).map { document.tokens[$0] }
        expect(isAscending(tokens, in: clean.bytes), "tokens")
        expect(isAscending(document.sentences, in: clean.bytes), "sentences")
        expect(isAscending(document.paragraphs, in: clean.bytes), "paragraphs")
        expect(isAscending((0..<document.words.count).map { document.words[$0] }, in: clean.bytes), "words")
        expect(document.sentenceTokens.flatMap(Array.init) == Array(0..<tokens.count), "tokens of sentences")
        expect(document.sentenceWords.flatMap(Array.init) == Array(0..<document.words.count), "words of sentences")
        // What the tokens leave out is white space and nothing else.
        let covered = tokens.reduce(0) { $0 + $1.count }
        expect(covered == clean.bytes.count { $0 != 0x20 && $0 != 0x0A }, "tokens do not cover the text")
        problems += checkFeatures(document)
        return problems
    }

    private func checkFeatures(_ document: Document) -> [String] {
        let vocabulary = document.vocabulary
        var problems: [String] = []
        let counts = vocabulary.ids.reduce(into: [Int32](repeating: 0, count: vocabulary.count)) { $0[Int($1)] += 1 }
        if counts != vocabulary.counts || Set(document.words.hashes).count != vocabulary.count {
            problems.append("vocabulary")
        }
        let features = FeatureExtractor.lexical(document)
        for (definition, value) in zip(features.schema.definitions, features.values) {
            let isBounded = definition.unit.hasPrefix("share") && definition.name != "compression_ratio"
            if !value.isFinite || isBounded && !(0...1).contains(value)
                || definition.unit.hasPrefix("per 100") && value < 0
            {
                problems.append("\(definition.name) is \(value)")
            }
        }
        let again = FeatureExtractor.lexical(document)
        if again.values.map(\.bitPattern) != features.values.map(\.bitPattern) { problems.append("not the same twice") }
        // One embedding a sentence, some without direction.
        let embeddings = document.sentences.indices.map { [Float($0 % 3), Float($0 % 5), 0] }
        let full = features.completed(embeddings: embeddings)
        if !full.values.allSatisfy(\.isFinite) { problems.append("semantic flow") }
        return problems
    }

    /// Findings are at most one a byte (and a label at the start), and a text that stays as it is has none.
    private func hygieneIsSane(_ clean: CleanText, _ original: [UInt8]) -> Bool {
        let counts = clean.hygiene.counts.map(\.count)
        return counts.allSatisfy { (0...original.count + 1).contains($0) }
            && (clean.bytes != original || counts.allSatisfy { $0 == 0 })
    }

    private func isAscending(_ ranges: [Range<Int>], in bytes: [UInt8]) -> Bool {
        var end = 0
        for range in ranges {
            guard range.lowerBound >= end, !range.isEmpty, range.upperBound <= bytes.count,
                isBoundary(range.lowerBound, bytes), isBoundary(range.upperBound, bytes)
            else { return false }
            end = range.upperBound
        }
        return true
    }

    private func isBoundary(_ index: Int, _ bytes: [UInt8]) -> Bool {
        index >= 0 && index <= bytes.count && (index == bytes.count || bytes[index] & 0xC0 != 0x80)
    }

    private func checkMap(_ clean: CleanText, _ original: [UInt8]) -> [String] {
        var problems: [String] = []
        var previous = 0..<0
        for index in clean.bytes.indices where clean.bytes[index] & 0xC0 != 0x80 {
            let range = clean.originalRange(index..<index + 1)
            if range.isEmpty { problems.append("\(index) maps to nothing") }
            if !isBoundary(range.lowerBound, original) || !isBoundary(range.upperBound, original) {
                problems.append("\(index) maps to \(range), off the boundaries")
            }
            // Later ones map to later ones; letters of one ligature or reference map to the same.
            if range != previous, range.lowerBound < previous.upperBound {
                problems.append("\(index) maps to \(range) after \(previous)")
            }
            previous = range
        }
        let whole = clean.originalRange(0..<clean.bytes.count)
        if whole.upperBound != previous.upperBound, !clean.bytes.isEmpty {
            problems.append("the whole maps to \(whole)")
        }
        return problems
    }
}
