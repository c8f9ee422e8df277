/// What becomes of a single character, without regard to the word around it.
enum CharacterFolding: Equatable {
    case keep
    /// Gone without a finding: half of a line end.
    case discard
    case newline
    /// A line end that also ends the paragraph.
    case paragraph
    /// A space of another kind.
    case space
    case remove(Hygiene.Finding)
    case replace(UInt32, Hygiene.Finding)
    /// A ligature, as its letters.
    case letters(StaticString)

    /// - Parameters:
    ///   - value: a scalar value other than printable ASCII.
    ///   - previous: the last scalar that was kept, to tell an emoji's joiner from a hidden one.
    init(_ value: UInt32, after previous: UInt32 = 0) {
        switch value {
        case 0x0A, 0x09, 0x20...0x7E: self = .keep
        case 0x0B, 0x0D, 0x85, 0x2028: self = .newline
        case 0x0C, 0x2029: self = .paragraph
        case 0x00...0x1F, 0x7F...0x9F: self = .remove(.controlCharacters)
        case 0xA0: self = .space
        case 0xAD: self = .remove(.softHyphens)
        case 0xA1..<0x034F: self = .keep
        case 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F, 0x3164, 0xFFA0:
            self = .remove(.zeroWidthCharacters)
        case 0x061C: self = .remove(.bidiControls)
        case 0x1680: self = .space
        case 0x2000...0x206F: self = Self.generalPunctuation(value, after: previous)
        case 0x2100...0x214F: self = Self.letterLike(value)
        case 0x24B6...0x24CF: self = .replace(0x41 + value - 0x24B6, .styledLetters)
        case 0x24D0...0x24E9: self = .replace(0x61 + value - 0x24D0, .styledLetters)
        case 0x3000: self = .space
        case 0xFB00...0xFB06: self = .letters(Self.ligatures[Int(value - 0xFB00)])
        case 0xFDD0...0xFDEF: self = .remove(.controlCharacters)
        case 0xFE00...0xFE0F: self = .remove(Self.isEmoji(previous) ? .emojiJoiners : .zeroWidthCharacters)
        case 0xFEFF: self = .remove(.zeroWidthCharacters)
        case 0xFF01...0xFF5E: self = .replace(value - 0xFF01 + 0x21, .fullWidthForms)
        case 0xFFE0...0xFFE6: self = .replace(Self.fullWidthSigns[Int(value - 0xFFE0)], .fullWidthForms)
        case 0xFFF9...0xFFFB: self = .remove(.controlCharacters)
        case 0x1D400...0x1D7FF: self = Self.mathematical(value)
        case 0x1F130...0x1F149: self = .replace(0x41 + value - 0x1F130, .styledLetters)
        case 0x1F150...0x1F169: self = .replace(0x41 + value - 0x1F150, .styledLetters)
        case 0x1F170...0x1F189: self = .replace(0x41 + value - 0x1F170, .styledLetters)
        case 0xE0000...0xE0FFF: self = .remove(.zeroWidthCharacters)
        default: self = value & 0xFFFE == 0xFFFE ? .remove(.controlCharacters) : .keep
        }
    }

    /// Writes what the input's `range` becomes, and counts it. Not for `.keep`.
    func write(_ range: Range<Int>, to output: inout MappedText, _ hygiene: inout Hygiene) {
        switch self {
        case .keep, .discard: break
        case .newline: output.replace(range, with: CollectionOfOne(0x0A))
        case .paragraph: output.replace(range, with: [0x0A, 0x0A])
        case .space: output.replace(range, with: CollectionOfOne(0x20))
        case .remove(let finding): hygiene.add(finding)
        case .replace(let value, let finding):
            hygiene.add(finding)
            output.replace(range, with: UTF8Scalars.encode(value))
        case .letters(let letters):
            hygiene.add(.ligatures)
            output.replace(range, with: Array(letters.description.utf8))
        }
    }

    static func == (left: CharacterFolding, right: CharacterFolding) -> Bool {
        switch (left, right) {
        case (.keep, .keep), (.discard, .discard), (.newline, .newline), (.paragraph, .paragraph), (.space, .space):
            true
        case (.remove(let one), .remove(let other)): one == other
        case (.replace(let one, let kind), .replace(let other, let otherKind)): one == other && kind == otherKind
        case (.letters(let one), .letters(let other)): one.description == other.description
        default: false
        }
    }
}

// MARK: - Blocks

extension CharacterFolding {
    private static let ligatures: [StaticString] = ["ff", "fi", "fl", "ffi", "ffl", "st", "st"]

    /// ¢ £ ¬ ¯ ¦ ¥ ₩
    private static let fullWidthSigns: [UInt32] = [0xA2, 0xA3, 0xAC, 0xAF, 0xA6, 0xA5, 0x20A9]

    private static func generalPunctuation(_ value: UInt32, after previous: UInt32) -> CharacterFolding {
        switch value {
        case 0x2000...0x200A, 0x202F, 0x205F: .space
        case 0x200D: .remove(isEmoji(previous) ? .emojiJoiners : .zeroWidthCharacters)
        case 0x200B, 0x200C, 0x2060...0x2065, 0x206A...0x206F: .remove(.zeroWidthCharacters)
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: .remove(.bidiControls)
        default: .keep
        }
    }

    /// Letters of the block Letterlike Symbols that Unicode defines as styled forms (NFKC). The others, such as the
    /// trade mark sign and the ohm, are signs and stay.
    private static func letterLike(_ value: UInt32) -> CharacterFolding {
        let letter: Unicode.Scalar
        switch value {
        case 0x2102, 0x212D: letter = "C"
        case 0x210A: letter = "g"
        case 0x210B, 0x210C, 0x210D: letter = "H"
        case 0x210E, 0x210F: letter = "h"
        case 0x2110, 0x2111: letter = "I"
        case 0x2112: letter = "L"
        case 0x2113: letter = "l"
        case 0x2115: letter = "N"
        case 0x2119: letter = "P"
        case 0x211A: letter = "Q"
        case 0x211B, 0x211C, 0x211D: letter = "R"
        case 0x2124, 0x2128: letter = "Z"
        case 0x212A: letter = "K"
        case 0x212C: letter = "B"
        case 0x212F, 0x2147: letter = "e"
        case 0x2130: letter = "E"
        case 0x2131: letter = "F"
        case 0x2133: letter = "M"
        case 0x2134: letter = "o"
        case 0x2139, 0x2148: letter = "i"
        case 0x2145: letter = "D"
        case 0x2146: letter = "d"
        case 0x2149: letter = "j"
        default: return .keep
        }
        return .replace(letter.value, .styledLetters)
    }

    /// Mathematical Alphanumeric Symbols: thirteen Latin alphabets of 52 letters, two dotless letters, five Greek
    /// alphabets of 58, five sets of digits.
    private static func mathematical(_ value: UInt32) -> CharacterFolding {
        switch value {
        case 0x1D400...0x1D6A3:
            let letter = (value - 0x1D400) % 52
            return .replace(letter < 26 ? 0x41 + letter : 0x61 + letter - 26, .styledLetters)
        case 0x1D6A4: return .replace(0x69, .styledLetters)
        case 0x1D6A5: return .replace(0x6A, .styledLetters)
        case 0x1D6A8...0x1D7C9:
            return .replace(greek(Int((value - 0x1D6A8) % 58)), .styledLetters)
        case 0x1D7CA: return .replace(0x3DC, .styledLetters)
        case 0x1D7CB: return .replace(0x3DD, .styledLetters)
        case 0x1D7CE...0x1D7FF: return .replace(0x30 + (value - 0x1D7CE) % 10, .styledLetters)
        default: return .keep
        }
    }

    /// The letter at a place of a mathematical Greek alphabet: 25 capitals (with a theta symbol for the gap at U+03A2),
    /// nabla, 25 small letters, and seven symbols.
    private static func greek(_ place: Int) -> UInt32 {
        switch place {
        case 17: 0x398
        case 0..<25: 0x391 + UInt32(place)
        case 25: 0x2207
        case 26..<51: 0x3B1 + UInt32(place - 26)
        default: [0x2202, 0x3B5, 0x3B8, 0x3BA, 0x3C6, 0x3C1, 0x3C0][min(place - 51, 6)]
        }
    }

    /// Whether a character may be followed by a ZWJ or a variation selector in an emoji. By block: the exact property
    /// is not worth its table, since both are removed anyway and only counted differently.
    private static func isEmoji(_ value: UInt32) -> Bool {
        switch value {
        case 0x23, 0x2A, 0x30...0x39, 0xA9, 0xAE, 0x203C, 0x2049, 0x2122, 0x2139, 0x2190...0x2BFF, 0x3030, 0x303D,
            0x3297, 0x3299, 0x1F000...0x1FAFF:
            true
        default: false
        }
    }
}
