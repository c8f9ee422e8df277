import Testing

@testable import Features

@Suite("Syllables and word lists")
struct SyllableTests {
    private func syllables(_ word: String) -> Int {
        let bytes = Array(word.utf8)
        return SyllableCounter.count(bytes, 0..<bytes.count, Lexicon.facts(WordHash(bytes).value))
    }

    @Test(
        "Words of the dictionary have its first pronunciation's syllables",
        arguments: [
            ("the", 1), ("business", 2), ("people", 2), ("idea", 3), ("education", 4), ("responsibility", 6),
            ("Fire", 2),
            ("don't", 1), ("wednesday", 2), ("recipe", 3), ("able-bodied", 4),
        ])
    func dictionary(word: String, count: Int) {
        #expect(syllables(word) == count)
    }

    @Test(
        "Possessives, compounds, numerals and unknown words follow rules",
        arguments: [
            ("teacher's", 2), ("boss's", 2), ("boss’s", 2), ("students'", 2), ("judge's", 2), ("well-known", 2),
            ("mother-in-law", 4), ("1999", 1), ("xqzt", 1), ("gloopification", 5), ("blorbed", 1), ("wubtable", 3),
            ("naïveté", 4), ("cliché", 2), ("señor", 2), ("é", 1), ("-", 1),
        ])
    func rules(word: String, count: Int) {
        #expect(syllables(word) == count)
    }

    @Test("The rule for unknown words is measured against the dictionary itself")
    func ruleAccuracy() {
        var (exact, close, total) = (0, 0, 0)
        FrontCoding.forEachWord(in: CMUSyllables.encoded) { word, count in
            total += 1
            let difference = abs(SyllableCounter.countByRule(word) - Int(count))
            if difference == 0 { exact += 1 }
            if difference <= 1 { close += 1 }
        }
        #expect(total == CMUSyllables.wordCount)
        print("syllable rule: exact \(Double(exact) / Double(total)), within one \(Double(close) / Double(total))")
        #expect(Double(exact) / Double(total) > 0.85)
        #expect(Double(close) / Double(total) > 0.99)
    }

    @Test("Every entry of the generated lists is found again, and nothing else")
    func lists() {
        var count = 0
        FrontCoding.forEachWord(in: DaleChallWords.encoded) { word, _ in
            count += 1
            #expect(EasyWords.contains(WordHash(word).value))
        }
        #expect(count == DaleChallWords.wordCount)
        var wrong = 0
        FrontCoding.forEachWord(in: CMUSyllables.encoded) { word, syllables in
            let facts = Lexicon.facts(WordHash(word).value)
            if facts.syllables != Int(syllables) || !facts.contains(.known) { wrong += 1 }
        }
        #expect(wrong == 0)
        for word in ["photosynthesis", "", "zzz"] { #expect(!EasyWords.contains(WordHash(word).value)) }
        for word in ["", "zzzq", "teh"] { #expect(Lexicon.facts(WordHash(word).value) == []) }
    }

    @Test(
        "Easy words are those of the list, their possessives, compounds of them, and numerals",
        arguments: [
            ("dog", true), ("Dog's", true), ("dog’s", true), ("apple-tree", true), ("don't", true), ("1999", true),
            ("economist", false), ("economist's", false), ("dog-economist", false),
        ])
    func easyWords(word: String, isEasy: Bool) {
        let bytes = Array(word.utf8)
        let isNumber = bytes.allSatisfy { $0.isASCIIDigit }
        let facts = Lexicon.facts(WordHash(bytes).value)
        #expect(EasyWords.isEasy(bytes, 0..<bytes.count, facts, isNumber: isNumber) == isEasy)
    }
}
