/// Fourth stage: anonymisation placeholders, and combining marks beyond measure.
///
/// Corpora of pupils' essays write `STUDENT_NAME`, `Generic_City` or `@CAPS1` where a name stood. The placeholder
/// tells the corpus, not the writer. A possessive `'s` goes with it, and so does the space before it if punctuation or
/// a line end follows.
enum PlaceholderStage {
    static func run(_ input: [UInt8], _ hygiene: inout Hygiene) -> MappedText {
        var output = MappedText(capacity: input.count)
        var done = 0
        var index = 0
        var tokenStart = 0
        var marks = 0
        while index < input.count {
            let byte = input[index]
            if byte >= 0x80 {
                let (value, length) = UTF8Scalars.decode(input, at: index)
                marks = isCombiningMark(value) ? marks + 1 : 0
                if marks > TextCleaner.maximumMarks {
                    output.copy(input, done..<index)
                    done = index + length
                    hygiene.add(.excessCombiningMarks)
                }
                index += length
                tokenStart = index
                continue
            }
            marks = 0
            let placeholderEnd: Int?
            if byte == UInt8(ascii: "_") {
                placeholderEnd = namedPlaceholder(input, tokenStart)
            } else if byte == UInt8(ascii: "@"), index == tokenStart {
                placeholderEnd = numberedPlaceholder(input, index)
            } else {
                placeholderEnd = nil
            }
            if let placeholderEnd {
                output.copy(input, done..<tokenStart)
                done = possessiveEnd(input, placeholderEnd)
                if done == input.count || afterWord.contains(input[done]) {
                    output.retractSpace()
                    // Of the commas around an apposition one is left.
                    let comma = UInt8(ascii: ",")
                    if done < input.count, input[done] == comma, output.bytes.last == comma { done += 1 }
                }
                hygiene.add(.placeholders)
                (index, tokenStart) = (done, done)
            } else if byte == UInt8(ascii: "_") {
                // The whole token is none: on to its end, so that no token is looked at twice.
                while index < input.count, isTokenByte(input[index]) { index += 1 }
            } else {
                index += 1
                if !isTokenByte(byte) { tokenStart = index }
            }
        }
        output.copy(input, done..<input.count)
        return output
    }

    private static let afterWord = ASCIISet(".,;:!?)]}\n\u{0C}")

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetterOrDigit || byte == UInt8(ascii: "_")
    }

    /// What placeholders name. A token of capitals counts if its first or last part is one of these.
    private static let entities: Set<String> = [
        "PROPER", "STUDENT", "TEACHER", "RELATIVE", "NAME", "NAMES", "PERSON", "CITY", "STATE", "COUNTRY", "COUNTY",
        "SCHOOL", "COLLEGE", "UNIVERSITY", "LOCATION", "PLACE", "STREET", "ADDRESS", "ORGANIZATION", "ORGANISATION",
        "COMPANY", "RESTAURANT", "STORE", "TEAM", "TITLE", "DATE", "EMAIL", "PHONE", "NATIONALITY", "LANGUAGE",
    ]

    /// End of a placeholder like `STUDENT_NAME` or `Generic_City` that begins at `start`; nil if the token is none.
    private static func namedPlaceholder(_ input: [UInt8], _ start: Int) -> Int? {
        var end = start
        while end < input.count, isTokenByte(input[end]) { end += 1 }
        guard end - start <= 40 else { return nil }
        var token = input[start..<end]
        while token.last == UInt8(ascii: "_") { token.removeLast() }
        let parts = token.split(separator: UInt8(ascii: "_"))
        guard parts.count >= 2, let first = parts.first, let last = parts.last else { return nil }
        let firstWord = String(decoding: first, as: UTF8.self)
        if ["Generic", "Genereic", "GENERIC"].contains(firstWord) { return end }
        guard parts.allSatisfy({ $0.allSatisfy { $0.isASCIIUppercase || $0.isASCIIDigit } }) else { return nil }
        let lastWord = String(decoding: last.prefix { $0.isASCIIUppercase }, as: UTF8.self)
        return entities.contains(firstWord) || entities.contains(lastWord) ? end : nil
    }

    private static let numberedEntities: Set<String> = [
        "CAPS", "CITY", "DATE", "DR", "EMAIL", "LOCATION", "MONEY", "MONTH", "NUM", "ORGANIZATION", "PERCENT", "PERSON",
        "STATE", "TIME",
    ]

    /// End of a placeholder like `@CAPS1` that begins at `start`.
    private static func numberedPlaceholder(_ input: [UInt8], _ start: Int) -> Int? {
        var end = start + 1
        while end < input.count, end - start <= 13, input[end].isASCIIUppercase { end += 1 }
        let digits = end
        while end < input.count, end - digits < 3, input[end].isASCIIDigit { end += 1 }
        guard end > digits, end == input.count || !isTokenByte(input[end]) else { return nil }
        return numberedEntities.contains(String(decoding: input[start + 1..<digits], as: UTF8.self)) ? end : nil
    }

    /// End of `'s` or `’s` at `index`, or `index`.
    private static func possessiveEnd(_ input: [UInt8], _ index: Int) -> Int {
        var end = index
        if end < input.count, input[end] == UInt8(ascii: "'") {
            end += 1
        } else if end + 3 <= input.count, input[end] == 0xE2, input[end + 1] == 0x80, input[end + 2] == 0x99 {
            end += 3
        } else {
            return index
        }
        guard end < input.count, input[end] == UInt8(ascii: "s"),
            end + 1 == input.count || !isTokenByte(input[end + 1])
        else { return index }
        return end + 1
    }
}
