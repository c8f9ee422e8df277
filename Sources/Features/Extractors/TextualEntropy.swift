import Foundation

/// How predictable the text is: the entropy of its characters, words and pairs of words, and how small zlib makes it.
enum TextualEntropy: LexicalFamily {
    struct Measures {
        /// Bits a character.
        var characterEntropy: Double
        /// Bits a word.
        var wordEntropy: Double
        /// Bits a pair.
        var bigramEntropy: Double
        var bytes: Int
        var packedBytes: Int
    }

    private static let family = "entropy"

    static let features: [Feature<Measures>] = [
        Feature(
            definition: FeatureDefinition(
                name: "textual_entropy", family: family, unit: "bits",
                definition: """
                    Shannon entropy of the characters (Unicode scalars) of the cleaned text, white space included. 0 for an \
                    empty text.
                    """,
                formula: "-sum(p(c) * log2(p(c)))", source: "Shannon 1948; the original system"),
            value: { $0.characterEntropy }),
        Feature(
            definition: FeatureDefinition(
                name: "word_entropy", family: family, unit: "bits",
                definition: """
                    Shannon entropy of the words, in lower case. It grows with the text's length. 0 for a text without words.
                    """,
                formula: "-sum(p(w) * log2(p(w)))", source: "Shannon 1948"),
            value: { $0.wordEntropy }),
        Feature(
            definition: FeatureDefinition(
                name: "word_bigram_entropy", family: family, unit: "bits",
                definition: """
                    Shannon entropy of the pairs of neighbouring words, in lower case, across sentences too. It grows with \
                    the text's length. 0 for fewer than two words.
                    """,
                formula: "-sum(p(v, w) * log2(p(v, w)))", source: "Shannon 1951"),
            value: { $0.bigramEntropy }),
        Feature(
            definition: FeatureDefinition(
                name: "compression_ratio", family: family, unit: "share of the bytes",
                definition: """
                    Size of the cleaned text packed by zlib (raw deflate, level 3, window 8 KB, memory level 5) over its size \
                    in UTF-8. Low for a text that repeats itself; over 1 for a text of a few bytes. 0 for an empty text.
                    """,
                formula: "packed bytes / bytes", source: "RFC 1951; zlib"),
            value: { ratio($0.packedBytes, $0.bytes) }),
    ]

    static func measure(_ document: Document) -> Measures {
        let bytes = document.clean.bytes
        return Measures(
            characterEntropy: characterEntropy(bytes), wordEntropy: entropy(document.vocabulary.counts),
            bigramEntropy: entropy(document.nGrams.bigramCounts), bytes: bytes.count,
            packedBytes: bytes.isEmpty ? 0 : Deflate.size(bytes) ?? bytes.count)
    }

    private static func characterEntropy(_ bytes: [UInt8]) -> Double {
        var ascii = [Int32](repeating: 0, count: 128)
        var others: [UInt32: Int32] = [:]
        var index = 0
        while index < bytes.count {
            if bytes[index] < 0x80 {
                ascii[Int(bytes[index])] &+= 1
                index += 1
            } else {
                let (value, length) = UTF8Scalars.decode(bytes, at: index)
                others[value, default: 0] &+= 1
                index += length
            }
        }
        // In the order of the scalars: a dictionary's own order would change the last bits from run to run.
        return entropy(ascii.filter { $0 > 0 } + others.sorted { $0.key < $1.key }.map(\.value))
    }

    /// Entropy in bits of a distribution given by its counts, all above 0.
    static func entropy(_ counts: [Int32]) -> Double {
        guard counts.count > 1 else { return 0 }
        let total = counts.reduce(0) { $0 + Int($1) }
        // Most words occur once or a few times: their terms are worth remembering.
        var terms = [Double](repeating: 0, count: 16)
        return counts.reduce(0) { sum, count in
            if count < terms.count, terms[Int(count)] != 0 { return sum - terms[Int(count)] }
            let share = Double(count) / Double(total)
            let term = share * log2(share)
            if count < terms.count { terms[Int(count)] = term }
            return sum - term
        }
    }
}
