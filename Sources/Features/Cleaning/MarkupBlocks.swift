/// What a line begins with: headings, lists, quotes, rules, fences, tables.
extension MarkupStage {
    /// Scans a line that is not blank and lies in no fence, and leaves `position` at its end or, after an element that
    /// reaches over the line's end, further on.
    mutating func scanLine(_ lineEnd: Int) {
        if scanRule(lineEnd) || openFence(lineEnd) { return }
        beginTable(lineEnd)
        if isInTable, isTableRule(position..<lineEnd) {
            edits.append(Edit(range: position..<lineEnd))
            position = lineEnd
            return
        }
        var contentEnd = lineEnd
        var isHeading = false
        var isQuoted = false
        scanning: while true {
            let start = skipBlanks(position)
            switch byte(start) {
            case UInt8(ascii: ">") where byte(start + 1).isBlankOrNewline || byte(start + 1) == UInt8(ascii: ">"):
                drop(start + 1, asBlock: !isInQuote && !isQuoted)
                isQuoted = true
            case UInt8(ascii: "#"):
                let level = runLength(UInt8(ascii: "#"), at: start)
                guard level <= 6, byte(start + level).isBlankOrNewline else { break scanning }
                drop(start + level, asBlock: true)
                isHeading = true
                contentEnd = headingEnd(lineEnd)
                break scanning
            default:
                guard let end = listMarker(at: start, lineEnd) else { break scanning }
                drop(end, asBlock: true)
            }
        }
        isInQuote = isQuoted
        scanInline(to: max(contentEnd, position))
        if isHeading { endHeading(contentEnd, lineEnd) }
    }

    /// Removes the line's bytes up to `end`.
    private mutating func drop(_ end: Int, asBlock: Bool) {
        if asBlock { endParagraph() }
        edits.append(Edit(range: position..<end, replacement: asBlock ? .blockBreak : .nothing))
        position = end
    }

    /// Where a heading's text ends: before closing marks, which must follow a blank.
    private func headingEnd(_ lineEnd: Int) -> Int {
        var end = lineEnd
        while end > position, input[end - 1].isBlank { end -= 1 }
        var marks = end
        while marks > position, input[marks - 1] == UInt8(ascii: "#") { marks -= 1 }
        return marks < end && (marks == position || input[marks - 1].isBlank) ? marks : lineEnd
    }

    private mutating func endHeading(_ contentEnd: Int, _ lineEnd: Int) {
        if position <= contentEnd, contentEnd < lineEnd {
            edits.append(Edit(range: contentEnd..<lineEnd))
            position = lineEnd
        }
        endParagraph()
        if position == lineEnd, lineEnd < input.count {
            edits.append(Edit(range: lineEnd..<lineEnd + 1, replacement: .blockBreak, finding: nil))
            position = lineEnd + 1
        }
    }

    // MARK: Rules and fences

    private static let ruleMarks = ASCIISet("-*_=")

    /// Removes a thematic break or a heading's underline: a line of at least three `-`, `*`, `_` or `=`.
    private mutating func scanRule(_ lineEnd: Int) -> Bool {
        let start = skipBlanks(position)
        let mark = byte(start)
        guard Self.ruleMarks.contains(mark) else { return false }
        var count = 0
        for index in start..<lineEnd {
            if input[index] == mark { count += 1 } else if !input[index].isBlank { return false }
        }
        guard count >= 3 else { return false }
        drop(lineEnd, asBlock: true)
        return true
    }

    private mutating func openFence(_ lineEnd: Int) -> Bool {
        let start = skipBlanks(position)
        let mark = byte(start)
        guard mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~") else { return false }
        let count = runLength(mark, at: start)
        // A run of back-ticks later in the line makes it a code span.
        guard count >= 3, mark != UInt8(ascii: "`") || !input[start + count..<lineEnd].contains(mark) else {
            return false
        }
        fence = (mark, count)
        drop(lineEnd, asBlock: true)
        return true
    }

    /// Inside a fence everything is text, up to a line with as many marks.
    mutating func scanFencedLine(_ lineEnd: Int) {
        guard let fence else { return }
        let start = skipBlanks(position)
        let count = runLength(fence.mark, at: start)
        if count >= fence.count, isBlank(start + count..<lineEnd) {
            self.fence = nil
            drop(lineEnd, asBlock: true)
        }
        position = lineEnd
    }

    // MARK: Lists

    /// End of the list marker that begins at `start`, a checkbox included; nil if there is none, or nothing after it.
    private func listMarker(at start: Int, _ lineEnd: Int) -> Int? {
        var end = start
        switch byte(start) {
        case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+"):
            end += 1
            guard byte(end).isBlank else { return nil }
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            while end < lineEnd, end - start < 3, input[end].isASCIIDigit { end += 1 }
            guard byte(end) == UInt8(ascii: ".") || byte(end) == UInt8(ascii: ")") else { return nil }
            end += 1
            guard byte(end).isBlank else { return nil }
        case 0xE2:
            guard start + 3 <= lineEnd, Self.isBullet(UTF8Scalars.decode(input, at: start).value) else { return nil }
            end += 3
        case 0xC2:
            // The middle dot, as word processors write their bullets.
            guard byte(start + 1) == 0xB7, byte(start + 2).isBlank else { return nil }
            end += 2
        default: return nil
        }
        end = skipBlanks(end)
        if byte(end) == UInt8(ascii: "["), byte(end + 2) == UInt8(ascii: "]"), byte(end + 3).isBlank,
            byte(end + 1).isBlank || byte(end + 1).lowercased == UInt8(ascii: "x")
        {
            end = skipBlanks(end + 3)
        }
        return end < lineEnd ? end : nil
    }

    /// • ‣ ⁃ ▪ ▫ ● ○ ◦
    private static func isBullet(_ value: UInt32) -> Bool {
        [0x2022, 0x2023, 0x2043, 0x25AA, 0x25AB, 0x25CF, 0x25CB, 0x25E6].contains(value)
    }

    // MARK: Tables

    /// A table begins with a line with pipes, followed by a line of dashes and pipes.
    private mutating func beginTable(_ lineEnd: Int) {
        let hasPipe = input[position..<lineEnd].contains(UInt8(ascii: "|"))
        if isInTable {
            isInTable = hasPipe
        } else if hasPipe, lineEnd < input.count {
            isInTable = isTableRule(lineEnd + 1..<endOfLine(lineEnd + 1))
            if isInTable { endParagraph() }
        }
    }

    private func isTableRule(_ range: Range<Int>) -> Bool {
        var (dashes, pipes) = (0, 0)
        for index in range {
            switch input[index] {
            case UInt8(ascii: "-"): dashes += 1
            case UInt8(ascii: "|"): pipes += 1
            case UInt8(ascii: ":"), UInt8(ascii: " "), 0x09: break
            default: return false
            }
        }
        return dashes > 0 && pipes > 0
    }
}
