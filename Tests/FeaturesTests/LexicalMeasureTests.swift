import Testing

@testable import Features

/// Expected values come from a few lines of Python each: `collections.Counter`, `zlib`, and MTLD as the paper has it.
@Suite("Entropy, diversity and repetition")
struct LexicalMeasureTests {
    private static let text = """
        the cat saw the dog and the dog saw the cat and the bird saw the cat and the dog and nobody knew why the bird saw \
        the dog so often that day
        """

    private func values(_ text: String) -> FeatureVector {
        FeatureExtractor.lexical(Document(text))
    }

    private func expect(_ features: FeatureVector, _ name: String, _ value: Double) throws {
        #expect(abs(try #require(features[name]) - value) < 1e-12, "\(name)")
    }

    @Test("Words and pairs of words have Shannon's entropy")
    func entropy() throws {
        let features = values(Self.text)
        try expect(features, "word_entropy", 3.2479028310207476)
        try expect(features, "word_bigram_entropy", 3.952819531114783)
        // Case and marks do not count.
        try expect(values("Dog, dog. DOG! cat"), "word_entropy", -(0.75 * -0.4150374992788438 + 0.25 * -2))
    }

    @Test("Diversity is the share of types, of words that occur once, and McCarthy and Jarvis's MTLD")
    func diversity() throws {
        let features = values(Self.text)
        try expect(features, "type_token_ratio", 13.0 / 33)
        try expect(features, "hapax_ratio", 7.0 / 33)
        try expect(features, "mtld", 11.578947368421053)
        try expect(values("every word here differs from others"), "mtld", 6)
        try expect(values("same same same same"), "mtld", 2)
    }

    @Test("Sequences of words that came before are repetition")
    func repetition() throws {
        let features = values(Self.text)
        try expect(features, "repeated_bigram_share", 1 - 18.0 / 32)
        try expect(features, "repeated_trigram_share", 1 - 23.0 / 31)
        try expect(features, "repeated_fourgram_share", 1 - 27.0 / 30)
        try expect(values("one two three"), "repeated_fourgram_share", 0)
    }

    @Test("zlib packs to the same size everywhere: other builds of it would change the EBM's input")
    func compression() throws {
        #expect(Deflate.size([]) == 2)
        #expect(Deflate.size(Array("a".utf8)) == 3)
        #expect(Deflate.size(Array(Self.text.utf8)) == 74)
        #expect(Deflate.size([UInt8](repeating: UInt8(ascii: "a"), count: 100_000)) == 455)
        try expect(values(Self.text), "compression_ratio", 74.0 / 139)
    }

    @Test("Numbers go up in the order of first occurrence, whatever the keys")
    func numbering() {
        var numbering = Numbering(capacity: 300)
        // Keys that differ in their highest or lowest bits alone, and the key 0.
        let keys = (0..<150).map { UInt64($0) << 56 ^ UInt64($0) >> 8 } + (1...150).map { UInt64($0) }
        var expected: [UInt64: Int] = [:]
        for key in keys + keys {
            let number = expected[key] ?? expected.count
            expected[key] = number
            #expect(numbering.number(of: key) == number)
        }
    }
}
