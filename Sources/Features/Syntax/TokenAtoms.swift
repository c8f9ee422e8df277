/// A token as numbers. Training's `words`, which says what each is.
struct TokenAtoms: Sendable {
    var word: UInt64
    var suffix1: UInt64 = 0, suffix2: UInt64 = 0, suffix3: UInt64 = 0, suffix4: UInt64 = 0
    var prefix1: UInt64 = 0, prefix2: UInt64 = 0, prefix3: UInt64 = 0
    var shape: UInt64 = 0
    var fine: UInt64 = 0, coarse: UInt64 = 0, ambiguity: UInt64 = 0
    /// The word's number in the parser's vocabulary; 0 for one that is not in it.
    var parserWord: UInt64 = 0

    /// Beyond the sentence.
    static let noWord: UInt64 = 1 << 16
    static let outside = TokenAtoms(word: noWord)
    /// Bytes that are looked at from a token's beginning and from its end, so that a giant word costs little.
    static let longest = 64
    fileprivate static let unknown: UInt64 = 1 << 17
}

/// What the model knows of words, by the hash of their normal form.
struct SyntaxLexicon: Sendable {
    private let index = HashIndex(ModelFile.numbers(.lexiconKeys, as: UInt64.self))
    /// Five a slot: number, fine and coarse word class, set of tags, number in the parser's vocabulary.
    private let values = ModelFile.numbers(.lexiconValues, as: UInt16.self)

    /// - Parameters:
    ///   - bytes: the text; the token is `range` of it, which is not empty.
    ///   - normal: memory for the normal form.
    func atoms(_ bytes: [UInt8], _ range: Range<Int>, _ normal: inout [UInt8]) -> TokenAtoms {
        var atoms = TokenAtoms(word: 0)
        normal.removeAll(keepingCapacity: true)
        atoms.shape = Self.normalize(bytes, range, &normal)
        var hash = WordHash()
        for byte in normal { hash.add(byte) }
        let count = normal.count
        var packed: UInt64 = 0
        for length in 1...4 where length <= count {
            packed |= UInt64(normal[count - length]) << (8 * UInt64(length - 1))
            switch length {
            case 1: atoms.suffix1 = packed
            case 2: atoms.suffix2 = packed
            case 3: atoms.suffix3 = packed
            default: atoms.suffix4 = packed
            }
        }
        packed = 0
        for length in 1...3 where length <= count {
            packed = packed << 8 | UInt64(normal[length - 1])
            switch length {
            case 1: atoms.prefix1 = packed
            case 2: atoms.prefix2 = packed
            default: atoms.prefix3 = packed
            }
        }
        if let slot = index.slot(hash.value) {
            atoms.word = UInt64(values[5 * slot])
            atoms.fine = UInt64(values[5 * slot + 1])
            atoms.coarse = UInt64(values[5 * slot + 2])
            atoms.ambiguity = UInt64(values[5 * slot + 3])
            atoms.parserWord = UInt64(values[5 * slot + 4])
        }
        if atoms.word == 0 { atoms.word = TokenAtoms.unknown + (atoms.shape & 0x1FF) * 65536 + atoms.suffix2 }
        return atoms
    }

    /// Appends the normal form and returns the shape.
    private static func normalize(_ bytes: [UInt8], _ range: Range<Int>, _ normal: inout [UInt8]) -> UInt64 {
        var shape: UInt64 = 0
        var index = range.lowerBound
        let length = min(range.count, 2 * TokenAtoms.longest)
        let gapStart = range.count > length ? index + TokenAtoms.longest : range.upperBound
        var fold = index
        while index < range.upperBound {
            if index == gapStart {
                index = range.upperBound - TokenAtoms.longest
                fold = index
            }
            let byte = bytes[index]
            if byte.isASCIIUppercase {
                shape |= index == range.lowerBound ? 1 : 2
            } else if byte >= 0x80 {
                shape |= 256
            } else {
                shape |= shapes[Int(byte)]
            }
            // A folded character of three bytes gives one and is skipped; its bytes still count for the shape.
            if index >= fold {
                let end = index < gapStart ? gapStart : range.upperBound
                if byte == 0xE2, index + 2 < end, let folded = folded(bytes[index + 1], bytes[index + 2]) {
                    normal.append(folded)
                    fold = index + 3
                } else {
                    normal.append(byte.isASCIIUppercase ? byte + 32 : byte.isASCIIDigit ? 0x30 : byte)
                }
            }
            index += 1
        }
        return shape | (length <= 1 ? 0 : length <= 3 ? 1 : length <= 5 ? 2 : 3) << 9
    }

    /// What becomes of E2 followed by these: quotation marks, dashes and the ellipsis in ASCII.
    private static func folded(_ second: UInt8, _ third: UInt8) -> UInt8? {
        guard second == 0x80 else { return nil }
        switch third {
        case 0x98, 0x99: return UInt8(ascii: "'")
        case 0x9C, 0x9D: return UInt8(ascii: "\"")
        case 0x93, 0x94: return UInt8(ascii: "-")
        case 0xA6: return UInt8(ascii: ".")
        default: return nil
        }
    }

    /// The shape's bit for ASCII bytes other than capitals.
    private static let shapes: [UInt64] = (0..<128).map { value in
        let byte = UInt8(value)
        if byte.isASCIILetter { return 4 }
        if byte.isASCIIDigit { return 8 }
        switch Unicode.Scalar(byte) {
        case "-": return 16
        case ".": return 32
        case "'": return 64
        default: return 128
        }
    }
}
