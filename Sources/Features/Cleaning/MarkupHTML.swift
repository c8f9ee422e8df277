/// HTML inside the text: elements, comments, character references.
extension MarkupStage {
    /// Longest tag that is taken for one, in bytes.
    private static let maximumTag = 2048

    mutating func scanAngle() {
        let start = position
        let next = byte(start + 1)
        switch next {
        case UInt8(ascii: "!") where byte(start + 2) == UInt8(ascii: "-") && byte(start + 3) == UInt8(ascii: "-"):
            if let end = find("-->", from: start + 4) { return remove(start..<end, .nothing) }
        case UInt8(ascii: "!"), UInt8(ascii: "?"):
            if byte(start + 2).isASCIILetter, let end = tagEnd(start + 2) { return remove(start..<end, .blockBreak) }
        case _ where next == UInt8(ascii: "/") || next.isASCIILetter:
            if scanTag(start) || scanAddress(start) { return }
        default: break
        }
        position = start + 1
    }

    private mutating func remove(_ range: Range<Int>, _ replacement: Edit.Replacement) {
        edits.append(Edit(range: range, replacement: replacement, finding: .htmlTags))
        position = range.upperBound
    }

    private mutating func scanTag(_ start: Int) -> Bool {
        let isClosing = byte(start + 1) == UInt8(ascii: "/")
        let nameStart = isClosing ? start + 2 : start + 1
        var nameEnd = nameStart
        while nameEnd < input.count, nameEnd - nameStart <= 10, input[nameEnd].isASCIILetterOrDigit { nameEnd += 1 }
        // The text may end behind "</".
        guard nameEnd > nameStart else { return false }
        let after = byte(nameEnd)
        guard after == UInt8(ascii: ">") || after == UInt8(ascii: "/") || after.isBlankOrNewline else { return false }
        // <I>, <B> are averages and sets more often than tags.
        guard nameEnd - nameStart > 1 || input[nameStart].isASCIILowercase || after != UInt8(ascii: ">") else {
            return false
        }
        let name = String(decoding: input[nameStart..<nameEnd].lazy.map(\.lowercased), as: UTF8.self)
        guard let element = HTMLVocabulary.element(name), let end = tagEnd(nameEnd) else { return false }
        switch element {
        case .inline: remove(start..<end, .nothing)
        case .lineBreak: remove(start..<end, .newline)
        case .cell: remove(start..<end, .space)
        case .block:
            endParagraph()
            remove(start..<end, .blockBreak)
        case .hidden:
            let isEmpty = isClosing || input[end - 2] == UInt8(ascii: "/")
            let close = isEmpty ? nil : find("</" + name, from: end).map { tagEnd($0) ?? $0 }
            remove(start..<(close ?? end), .space)
        }
        return true
    }

    /// Index after the `>` that ends a tag whose name ends at `start`; nil if another tag begins first.
    private func tagEnd(_ start: Int) -> Int? {
        var quote: UInt8 = 0
        for index in start..<min(input.count, start + Self.maximumTag) {
            let byte = input[index]
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == UInt8(ascii: ">") {
                return index + 1
            } else if byte == UInt8(ascii: "<") {
                return nil
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'"), input[index - 1] == UInt8(ascii: "=") {
                quote = byte
            }
        }
        return nil
    }

    /// `<https://…>` and `<name@host>`: the address stays.
    private mutating func scanAddress(_ start: Int) -> Bool {
        var isAddress = false
        for index in start + 1..<min(input.count, start + Self.maximumTag) {
            let byte = input[index]
            if byte == UInt8(ascii: ">") {
                guard isAddress else { return false }
                edits.append(Edit(range: start..<start + 1))
                edits.append(Edit(range: index..<index + 1))
                position = index + 1
                return true
            }
            if byte.isBlankOrNewline || byte == UInt8(ascii: "<") { return false }
            if byte == UInt8(ascii: "@") { isAddress = true }
            if byte == UInt8(ascii: ":"), self.byte(index + 1) == UInt8(ascii: "/") { isAddress = true }
        }
        return false
    }

    /// Index after the next occurrence of `terminator`, ASCII letters in any case. A search in vain is not repeated.
    private mutating func find(_ terminator: String, from start: Int) -> Int? {
        guard !missingTerminators.contains(terminator) else { return nil }
        let pattern = Array(terminator.utf8)
        var index = start
        while index + pattern.count <= input.count {
            if input[index] == pattern[0],
                pattern.indices.allSatisfy({ input[index + $0].lowercased == pattern[$0] })
            {
                return index + pattern.count
            }
            index += 1
        }
        missingTerminators.insert(terminator)
        return nil
    }

    // MARK: Character references

    /// `&name;`, `&#123;` or `&#x7B;`. Anything else with an ampersand stays.
    mutating func scanReference() {
        let start = position
        position += 1
        var end = position
        while end < input.count, end - start <= 10, input[end].isASCIILetterOrDigit || input[end] == UInt8(ascii: "#") {
            end += 1
        }
        guard end > position, byte(end) == UInt8(ascii: ";") else { return }
        let body = input[position..<end]
        let value: UInt32?
        if body.first == UInt8(ascii: "#") {
            value = Self.numericReference(body.dropFirst())
        } else {
            value = HTMLVocabulary.character(String(decoding: body, as: UTF8.self))
        }
        guard let value else { return }
        edits.append(Edit(range: start..<end + 1, replacement: .reference(value), finding: .htmlEntities))
        position = end + 1
    }

    private static func numericReference(_ body: ArraySlice<UInt8>) -> UInt32? {
        let isHexadecimal = body.first?.lowercased == UInt8(ascii: "x")
        let digits = String(decoding: isHexadecimal ? body.dropFirst() : body, as: UTF8.self)
        guard let value = UInt32(digits, radix: isHexadecimal ? 16 : 10) else { return nil }
        let mapped = HTMLVocabulary.windows1252(value)
        return Unicode.Scalar(mapped)?.value
    }
}
