/// Third stage: letters of other scripts that stand for Latin ones.
///
/// A look-alike letter is folded where the word around it says that it is out of place:
/// - in a word that has Latin letters too and no letters of another kind (or fewer of them than Latin ones): one Latin
///   letter is enough, but three are needed for small Greek letters, since `Hα`, `pν` are terms of science (omicron and
///   the capitals, which look like Latin ones in every typeface, are not);
/// - in a word of nothing but look-alikes, if the nearest words that are not such are Latin on both sides (or the
///   text ends there). Greek words of one or two letters stay: `the angle α`.
///
/// Words in Cyrillic, Greek or any other script as such have letters that look like no Latin one, and stay.
enum HomoglyphStage {
    /// Latin letters that a word needs before small Greek letters in it are folded.
    private static let latinForGreek = 3

    /// A run of letters, marks and digits.
    private struct Word {
        var range: Range<Int>
        var latin = 0
        var lookAlikes = 0
        /// Look-alikes that are small Greek letters other than omicron.
        var greek = 0
        /// Look-alikes that are phonetic letters.
        var phonetic = 0
        var other = 0

        /// Nothing but look-alikes.
        var isAmbiguous: Bool { lookAlikes > 0 && latin == 0 && other == 0 }

        var isMixed: Bool {
            guard lookAlikes > 0, latin >= (greek > 0 ? latinForGreek : 1) else { return false }
            return other == 0 || phonetic == 0 && other < latin
        }

        var isShortGreek: Bool { greek == lookAlikes && lookAlikes <= 2 }

        mutating func add(_ value: UInt32) {
            if value < 0x80 {
                if UInt8(value).isASCIILetter { latin += 1 }
            } else if HomoglyphTable.latinLetter(value) != nil {
                lookAlikes += 1
                if (0x03B1...0x03C9).contains(value), value != 0x03BF { greek += 1 }
                if (0x0250...0x02AF).contains(value) { phonetic += 1 }
            } else if value < 0x0250 || (0x1E00...0x1EFF).contains(value) {
                latin += 1
            } else if !isCombiningMark(value) {
                other += 1
            }
        }
    }

    static func run(_ input: [UInt8], _ hygiene: inout Hygiene) -> MappedText {
        var output = MappedText(capacity: input.count)
        var done = 0
        for word in wordsToFold(input) {
            var index = word.lowerBound
            while index < word.upperBound {
                let (value, length) = UTF8Scalars.decode(input, at: index)
                if let letter = HomoglyphTable.latinLetter(value) {
                    output.copy(input, done..<index)
                    output.replace(index..<index + length, with: CollectionOfOne(letter))
                    hygiene.add(.homoglyphs)
                    done = index + length
                }
                index += length
            }
        }
        output.copy(input, done..<input.count)
        return output
    }

    private static func wordsToFold(_ input: [UInt8]) -> [Range<Int>] {
        guard hasLookAlike(input) else { return [] }
        var result: [Range<Int>] = []
        // Words of look-alikes wait for the next word that tells.
        var waiting: [Range<Int>] = []
        var isLatinBefore: Bool?
        func decide(isLatinAfter: Bool?) {
            if isLatinBefore != false, isLatinAfter != false, isLatinBefore == true || isLatinAfter == true {
                result.append(contentsOf: waiting)
            }
            waiting.removeAll(keepingCapacity: true)
        }
        var index = 0
        while let word = nextWord(input, from: &index) {
            if word.isAmbiguous {
                if !word.isShortGreek { waiting.append(word.range) }
                continue
            }
            guard word.latin + word.other > 0 else { continue }
            let isLatin = word.isMixed || word.latin > word.other
            decide(isLatinAfter: isLatin)
            isLatinBefore = isLatin
            if word.isMixed { result.append(word.range) }
        }
        decide(isLatinAfter: nil)
        return result
    }

    private static func hasLookAlike(_ input: [UInt8]) -> Bool {
        var index = 0
        while index < input.count {
            // Two-byte letters up to U+024F have lead bytes up to C9; none of them is in the table.
            if input[index] < 0xC9 {
                index += 1
                continue
            }
            let (value, length) = UTF8Scalars.decode(input, at: index)
            if HomoglyphTable.latinLetter(value) != nil { return true }
            index += length
        }
        return false
    }

    private static func nextWord(_ input: [UInt8], from index: inout Int) -> Word? {
        while index < input.count {
            let (value, length) = UTF8Scalars.decode(input, at: index)
            if isWordCharacter(value) { break }
            index += length
        }
        guard index < input.count else { return nil }
        var word = Word(range: index..<index)
        while index < input.count {
            let (value, length) = UTF8Scalars.decode(input, at: index)
            guard isWordCharacter(value) else { break }
            word.add(value)
            index += length
        }
        word.range = word.range.lowerBound..<index
        return word
    }

    private static func isWordCharacter(_ value: UInt32) -> Bool {
        if value < 0x80 { return UInt8(value).isASCIILetterOrDigit }
        if HomoglyphTable.latinLetter(value) != nil { return true }
        guard let scalar = Unicode.Scalar(value) else { return false }
        return scalar.properties.isAlphabetic || isCombiningMark(value)
    }
}

/// Whether a scalar is a combining mark (general categories Mn, Mc, Me).
func isCombiningMark(_ value: UInt32) -> Bool {
    guard value >= 0x0300, let scalar = Unicode.Scalar(value) else { return false }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: return true
    default: return false
    }
}
