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
        if byte < 0x80 { return (ascii(byte), 1) }
        let (value, length) = UTF8Scalars.decode(bytes, at: index)
        return (other(value), length)
    }

    /// Of a byte below 0x80. A switch over constants, not a table: it is compiled into one that needs no initialisation.
    @inline(__always)
    private static func ascii(_ byte: UInt8) -> CharacterClass {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): .letter
        case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
        case UInt8(ascii: " "), 0x09: .blank
        case 0x0A: .newline
        case UInt8(ascii: "."): .period
        case UInt8(ascii: "!"), UInt8(ascii: "?"): .terminator
        case UInt8(ascii: "'"): .apostrophe
        case UInt8(ascii: "-"): .hyphen
        case UInt8(ascii: "\""): .straightQuote
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): .openingBracket
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): .closingBracket
        case UInt8(ascii: "_"): .underscore
        case UInt8(ascii: "&"): .ampersand
        case UInt8(ascii: "@"): .at
        case UInt8(ascii: ","): .comma
        case UInt8(ascii: ":"): .colon
        case UInt8(ascii: ";"), UInt8(ascii: "/"), UInt8(ascii: "\\"): .punctuation
        default: .symbol
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
