/// What BERT's normalizer and pre-tokenizer need to know of one scalar value.
///
/// The bits are those that `scripts/generate-unicode-tables.py` writes.
struct ScalarProperty: Equatable {
    static let punctuation = ScalarProperty(bits: 0x200)
    static let whitespace = ScalarProperty(bits: 0x800)
    static let ideograph = ScalarProperty(bits: 0x1000)

    let bits: UInt16

    /// Canonical combining class; 0 for a starter.
    var combiningClass: UInt8 { UInt8(truncatingIfNeeded: bits) }
    /// Stripped after decomposition (category Mn): accents, vowel points.
    var isNonspacingMark: Bool { bits & 0x100 != 0 }
    /// A token of its own wherever it stands (category P, and ASCII symbols).
    var isPunctuation: Bool { bits & 0x200 != 0 }
    /// Removed before anything else: controls, formats, private use, unassigned, U+0000, U+FFFD (category C).
    var isRemoved: Bool { bits & 0x400 != 0 }
    /// Becomes a space.
    var isWhitespace: Bool { bits & 0x800 != 0 }
    /// Put between spaces, so that it is a word of its own.
    var isIdeograph: Bool { bits & 0x1000 != 0 }
    /// Replaced by its lower-cased decomposition, see `BertUnicode.forEachReplacement`.
    var isMapped: Bool { bits & 0x2000 != 0 }
}

/// The Unicode tables of the Rust library `tokenizers`, which `transformers.BertTokenizer` runs on.
///
/// They are not those of any one Unicode version, and not Swift's: the library takes categories from an old version,
/// decompositions from a newer and lower case from the newest, so `scripts/generate-unicode-tables.py` asks the library.
struct BertUnicode: Sendable {
    static let shared = BertUnicode()

    /// Properties in blocks of 128 scalar values, equal blocks of one value shared: two loads a look-up.
    private let blocks: [UInt16]
    private let properties: [UInt16]
    /// Mapped scalar values, ascending; what each is replaced by lies at `replacementStarts[n]..<replacementStarts[n + 1]`.
    private let mapped: [UInt32]
    private let replacementStarts: [Int]
    private let replacements: [UInt32]

    private static let blockBits: UInt32 = 7

    private init() {
        (blocks, properties) = Self.readProperties(Self.propertyRuns.utf8.span)
        (mapped, replacementStarts, replacements) = Self.readMappings(Self.mappings.utf8.span)
    }

    subscript(scalar: UInt32) -> ScalarProperty {
        let block = Int(blocks[Int(scalar >> Self.blockBits)])
        return ScalarProperty(bits: properties[block << Int(Self.blockBits) | Int(scalar & 127)])
    }

    /// Calls the closure for each scalar value that a mapped one is replaced by, in order.
    func forEachReplacement(of scalar: UInt32, _ body: (_ index: Int, _ scalar: UInt32) -> Void) {
        if let syllable = HangulSyllable(scalar) {
            body(0, syllable.leading)
            body(1, syllable.vowel)
            if let trailing = syllable.trailing { body(2, trailing) }
            return
        }
        var (low, high) = (0, mapped.count)
        while low < high {
            let middle = (low + high) / 2
            if mapped[middle] < scalar { low = middle + 1 } else { high = middle }
        }
        guard low < mapped.count, mapped[low] == scalar else { return body(0, scalar) }
        for place in replacementStarts[low]..<replacementStarts[low + 1] {
            body(place - replacementStarts[low], replacements[place])
        }
    }
}

/// The arithmetic decomposition of a Hangul syllable (The Unicode Standard, section 3.12).
struct HangulSyllable {
    let leading: UInt32
    let vowel: UInt32
    let trailing: UInt32?

    init?(_ scalar: UInt32) {
        guard (0xAC00...0xD7A3).contains(scalar) else { return nil }
        let index = scalar - 0xAC00
        leading = 0x1100 + index / 588
        vowel = 0x1161 + index % 588 / 28
        trailing = index % 28 == 0 ? nil : 0x11A7 + index % 28
    }
}

// MARK: - Reading the generated text

extension BertUnicode {
    private static func readProperties(_ text: Span<UInt8>) -> (blocks: [UInt16], properties: [UInt16]) {
        let size = 1 << Int(blockBits)
        var blocks: [UInt16] = []
        var properties: [UInt16] = []
        var uniform: [UInt16: UInt16] = [:]
        var block: [UInt16] = []
        blocks.reserveCapacity(0x11_0000 / size)

        /// Scalar values up to the bound have the property; full blocks are stored.
        func extend(to bound: Int, _ property: UInt16) {
            while blocks.count * size + block.count < bound {
                let space = min(size - block.count, bound - (blocks.count * size + block.count))
                let isUniform = block.isEmpty && space == size
                if isUniform, let known = uniform[property] {
                    blocks.append(known)
                    continue
                }
                block.append(contentsOf: repeatElement(property, count: space))
                guard block.count == size else { return }
                let number = UInt16(properties.count / size)
                if isUniform { uniform[property] = number }
                blocks.append(number)
                properties.append(contentsOf: block)
                block.removeAll(keepingCapacity: true)
            }
        }

        var property: UInt16 = 0
        var numbers = HexadecimalLines()
        while numbers.readLine(of: text) {
            extend(to: Int(numbers.values[0]), property)
            property = UInt16(numbers.values[1])
        }
        extend(to: 0x11_0000, property)
        return (blocks, properties)
    }

    private static func readMappings(_ text: Span<UInt8>) -> (mapped: [UInt32], starts: [Int], replacements: [UInt32]) {
        var mapped: [UInt32] = []
        var starts = [0]
        var replacements: [UInt32] = []
        var numbers = HexadecimalLines()
        while numbers.readLine(of: text) {
            mapped.append(numbers.values[0])
            replacements.append(contentsOf: numbers.values.dropFirst())
            starts.append(replacements.count)
        }
        return (mapped, starts, replacements)
    }
}

/// Reads lines of hexadecimal numbers with a space between them. The text is our own generated one.
private struct HexadecimalLines {
    private(set) var values: [UInt32] = []
    private var position = 0

    /// Reads the next line's numbers into `values`; false at the end.
    mutating func readLine(of text: Span<UInt8>) -> Bool {
        guard position < text.count else { return false }
        values.removeAll(keepingCapacity: true)
        var value: UInt32 = 0
        while position < text.count, text[position] != UInt8(ascii: "\n") {
            let byte = text[position]
            if byte == UInt8(ascii: " ") {
                values.append(value)
                value = 0
            } else {
                value = value << 4 | UInt32(byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : byte - 55)
            }
            position += 1
        }
        values.append(value)
        position += 1
        return true
    }
}
