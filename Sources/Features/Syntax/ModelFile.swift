/// The sections of the model, in the order in which training/syntax/model_file.py writes them.
enum ModelFile {
    enum Section: Int, CaseIterable {
        case xposNames, uposNames, labelNames
        case lexiconKeys, lexiconValues
        case tagSlots, tagRows
        case parserRows, parserWeights, parserBiases
        case lemmaKeys, lemmaValues, lemmaScripts, lemmaPool
        case settings
    }

    /// What `settings` holds, in this order.
    enum Setting: Int {
        case tagWidth, parserWords, wordClasses
    }

    private static let magic: UInt64 = 0x32_584E_5953

    static func numbers<Number: FixedWidthInteger>(_ section: Section, as type: Number.Type) -> [Number] {
        let header = ModelBytes.numbers(UInt64.self, at: 0, count: 2 + 2 * Section.allCases.count)
        precondition(
            header.count > 2 && header[0] == magic && header[1] == UInt64(Section.allCases.count),
            "syntax.bin is not of this version: run training/train_syntax.py")
        let place = 2 + 2 * section.rawValue
        // The count is in the file's own units; rows are bytes there and pairs of bytes here.
        let isRows = section == .tagRows || section == .parserRows
        return ModelBytes.numbers(type, at: Int(header[place]), count: Int(header[place + 1]) / (isRows ? 2 : 1))
    }

    static func names(_ section: Section) -> [String] {
        String(decoding: numbers(section, as: UInt8.self), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    static func setting(_ setting: Setting) -> Int {
        Int(numbers(.settings, as: UInt32.self)[setting.rawValue])
    }
}
