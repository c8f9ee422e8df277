/// First stage: characters by themselves, whatever stands around them.
enum CharacterStage {
    static func run(_ input: [UInt8], _ hygiene: inout Hygiene) -> MappedText {
        var output = MappedText(capacity: input.count)
        var pending = 0
        var index = 0
        var previous: UInt32 = 0
        while index < input.count {
            let byte = input[index]
            if byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "_") || byte == 0x0A || byte == 0x09 {
                index += 1
                previous = UInt32(byte)
                continue
            }
            let length: Int
            let folding: CharacterFolding
            if byte == UInt8(ascii: "_") {
                length = spreadsheetEscape(input, at: index)
                folding = length > 1 ? .remove(.controlCharacters) : .keep
            } else if byte == 0x0D {
                // CR LF is one line end; only a lone CR becomes one.
                length = 1
                folding = index + 1 < input.count && input[index + 1] == 0x0A ? .discard : .newline
            } else {
                let scalar = UTF8Scalars.decode(input, at: index)
                length = scalar.length
                folding = CharacterFolding(scalar.value, after: previous)
                if folding == .keep { previous = scalar.value }
            }
            if folding != .keep {
                output.copy(input, pending..<index)
                folding.write(index..<index + length, to: &output, &hygiene)
                pending = index + length
            }
            index += length
        }
        output.copy(input, pending..<input.count)
        return output
    }

    /// Length of an escaped control character as spreadsheets write it, `_x000D_` or `_x0009_`; else 1.
    private static func spreadsheetEscape(_ input: [UInt8], at index: Int) -> Int {
        guard index + 7 <= input.count, input[index + 1] == UInt8(ascii: "x"), input[index + 2] == UInt8(ascii: "0"),
            input[index + 3] == UInt8(ascii: "0"), input[index + 4] == UInt8(ascii: "0"),
            input[index + 6] == UInt8(ascii: "_")
        else { return 1 }
        switch input[index + 5] {
        case UInt8(ascii: "9"), UInt8(ascii: "A"), UInt8(ascii: "D"), UInt8(ascii: "a"), UInt8(ascii: "d"): return 7
        default: return 1
        }
    }
}
