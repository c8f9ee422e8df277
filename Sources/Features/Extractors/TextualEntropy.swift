import Foundation

/// Shannon entropy of the characters.
enum TextualEntropy: FeatureFamily {
    struct Measures {
        /// Bits a character.
        var characterEntropy: Double
    }

    static let features: [Feature<Measures>] = [
        Feature(
            definition: FeatureDefinition(
                name: "textual_entropy", family: "entropy", unit: "bits",
                definition: """
                    Shannon entropy of the characters (Unicode scalars) of the cleaned text, white space included. 0 for an \
                    empty text.
                    """,
                formula: "-sum(p(c) * log2(p(c)))", source: "Shannon 1948; the original system"),
            value: { $0.characterEntropy })
    ]

    static func measure(_ document: Document) -> Measures {
        Measures(characterEntropy: characterEntropy(document.clean.bytes))
    }

    private static func characterEntropy(_ bytes: [UInt8]) -> Double {
        var ascii = [Int](repeating: 0, count: 128)
        var others: [UInt32: Int] = [:]
        var index = 0
        while index < bytes.count {
            if bytes[index] < 0x80 {
                ascii[Int(bytes[index])] += 1
                index += 1
            } else {
                let (value, length) = UTF8Scalars.decode(bytes, at: index)
                others[value, default: 0] += 1
                index += length
            }
        }
        // In the order of the scalars: a dictionary's own order would change the last bits from run to run.
        let counts = ascii.filter { $0 > 0 } + others.sorted { $0.key < $1.key }.map(\.value)
        return entropy(counts)
    }

    /// Entropy in bits of a distribution given by its counts.
    static func entropy(_ counts: [Int]) -> Double {
        let total = Double(counts.reduce(0, +))
        guard counts.count > 1 else { return 0 }
        return counts.reduce(0) { sum, count in
            let share = Double(count) / total
            return sum - share * log2(share)
        }
    }
}
