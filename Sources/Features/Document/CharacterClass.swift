/// What a character is to segmentation.
enum CharacterClass: UInt8, Sendable {
    case letter, digit
    /// A combining mark: belongs to the letter before it.
    case mark
    case blank, newline
    case period
    /// `!`, `?` and full stops of other scripts.
    case terminator
    case ellipsis
    case apostrophe
    case hyphen
    case straightQuote, openingQuote, closingQuote
    case openingBracket, closingBracket
    case underscore, ampersand, at
    /// Commas, colons, semicolons, slashes, dashes.
    case comma, colon, punctuation
    case symbol

    var isWord: Bool { self == .letter || self == .digit || self == .mark }

    /// The class of the character at `index`, and its length in bytes.
    @inline(__always)
    static func at(_ bytes: [UInt8], _ index: Int) -> (CharacterClass, Int) {
        let byte = bytes[index]
        if byte < 0x80 { return (ascii[Int(byte)], 1) }
        let (value, length) = UTF8Scalars.decode(bytes, at: index)
        return (other(value), length)
    }

    private static let ascii: [CharacterClass] = (0..<128).map { value in
        let byte = UInt8(value)
        if byte.isASCIILetter { return .letter }
        if byte.isASCIIDigit { return .digit }
        switch Unicode.Scalar(byte) {
        case " ", "\t": return .blank
        case "\n": return .newline
        case ".": return .period
        case "!", "?": return .terminator
        case "'": return .apostrophe
        case "-": return .hyphen
        case "\"": return .straightQuote
        case "(", "[", "{": return .openingBracket
        case ")", "]", "}": return .closingBracket
        case "_": return .underscore
        case "&": return .ampersand
        case "@": return .at
        case ",": return .comma
        case ":": return .colon
        case ";", "/", "\\": return .punctuation
        default: return .symbol
        }
    }

    private static func other(_ value: UInt32) -> CharacterClass {
        switch value {
        case 0xC0...0x024F where value != 0xD7 && value != 0xF7: return .letter
        case 0x2018, 0x2019, 0x02BC: return .apostrophe
        case 0x2010, 0x2011: return .hyphen
        case 0x2012...0x2015: return .punctuation
        case 0x201C, 0x201E, 0x201F, 0xAB: return .openingQuote
        case 0x201D, 0xBB: return .closingQuote
        case 0x2026: return .ellipsis
        case 0x3002, 0x0964, 0x203C, 0x2047...0x2049, 0x061F: return .terminator
        default: break
        }
        guard let properties = Unicode.Scalar(value)?.properties else { return .symbol }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .letterNumber:
            return .letter
        case .decimalNumber: return .digit
        case .nonspacingMark, .spacingMark, .enclosingMark: return .mark
        case .openPunctuation: return .openingBracket
        case .closePunctuation: return .closingBracket
        case .initialPunctuation: return .openingQuote
        case .finalPunctuation: return .closingQuote
        case .dashPunctuation, .connectorPunctuation, .otherPunctuation: return .punctuation
        default: return .symbol
        }
    }
}
