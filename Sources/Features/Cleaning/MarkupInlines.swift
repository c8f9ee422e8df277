/// Marks inside a line: emphasis, code, links, escapes.
extension MarkupStage {
    private static let escapable = ASCIISet("*_#`~[]>|.-+!")
    private static let beforeOpening = ASCIISet("([{\"'-/>*_~|:")
    private static let afterClosing = ASCIISet(".,;:!?)]}\"'-/<*_~|")
    private static let sentenceEnds = ASCIISet(".!?:\"')")
    private static let afterDestination = ASCIISet("\"')")

    /// Scans from `position` to `end`, or to the end of an HTML element that reaches further.
    mutating func scanInline(to end: Int) {
        while position < end {
            switch input[position] {
            case UInt8(ascii: "\\"): scanEscape()
            case UInt8(ascii: "`"): scanCode()
            case UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "~"): scanEmphasis()
            case UInt8(ascii: "["): openBracket(from: position)
            case UInt8(ascii: "!") where byte(position + 1) == UInt8(ascii: "["):
                openBracket(from: position)
            case UInt8(ascii: "]"): closeBracket()
            case UInt8(ascii: "<"): scanAngle()
            case UInt8(ascii: "&"): scanReference()
            case UInt8(ascii: "|") where isInTable:
                edits.append(Edit(range: position..<position + 1, replacement: .space))
                position += 1
            default: position += 1
            }
        }
    }

    /// A backslash before a mark of Markdown. Not before other punctuation, which is how LaTeX looks.
    private mutating func scanEscape() {
        if Self.escapable.contains(byte(position + 1)) {
            edits.append(Edit(range: position..<position + 1))
            position += 2
        } else {
            position += 1
        }
    }

    // MARK: Code

    /// A code span: text between two runs of as many back-ticks. `It`s` and LaTeX's quotes ``so'' are none.
    private mutating func scanCode() {
        let tick = UInt8(ascii: "`")
        let count = runLength(tick, at: position)
        let start = position
        position += count
        guard !missingTicks.contains(count), !(count == 1 && isWord(before: start)) else { return }
        var index = position
        while index < paragraphEnd {
            if count == 2, input[index] == UInt8(ascii: "'"), byte(index + 1) == UInt8(ascii: "'") { return }
            guard input[index] == tick else {
                index += 1
                continue
            }
            let length = runLength(tick, at: index)
            if length == count, !(count == 1 && isWord(after: index + 1)) {
                guard index > position else { return }
                edits.append(Edit(range: start..<position))
                edits.append(Edit(range: index..<index + length))
                position = index + length
                return
            }
            index += length
        }
        missingTicks.insert(count)
    }

    // MARK: Emphasis

    /// Place in `openers` of a mark: three lengths of each of three characters.
    private func slot(_ mark: UInt8, _ count: Int) -> Int {
        (mark == UInt8(ascii: "*") ? 0 : mark == UInt8(ascii: "_") ? 3 : 6) + count - 1
    }

    private mutating func scanEmphasis() {
        let mark = input[position]
        let count = runLength(mark, at: position)
        if count == 4, mark != UInt8(ascii: "~"), openers[slot(mark, 2)] >= 0 {
            // `**one****two**`: the end of one and the beginning of the next.
            scanEmphasis(mark, position..<position + 2)
            scanEmphasis(mark, position + 2..<position + 4)
        } else if count <= 3, mark != UInt8(ascii: "~") || count == 2 {
            scanEmphasis(mark, position..<position + count)
        }
        position += count
    }

    private mutating func scanEmphasis(_ mark: UInt8, _ range: Range<Int>) {
        let (before, after) = (byte(range.lowerBound - 1), byte(range.upperBound))
        let slot = slot(mark, range.count)
        // Single marks and underscores need white space or punctuation of text outside.
        guard range.count > 1, mark != UInt8(ascii: "_") else {
            let opens = !after.isBlankOrNewline && mayOpen(after: range.lowerBound)
            let closes = !before.isBlankOrNewline && mayClose(before: range.upperBound)
            return pair(range, slot, opens: opens, closes: closes)
        }
        // Two stars only must not stand inside a word. Two cases go beyond CommonMark. A heading that ran into its text,
        // `end**Heading**The text`, is told by capitals. Machine translation leaves `** spaces **` inside the marks;
        // they must open where a sentence does, or `2 ** 3` would be taken for them.
        let isInside = isWord(before: range.lowerBound) && isWord(after: range.upperBound)
        let runsOn = isInside && after.isASCIIUppercase
        let opens: Bool
        if after.isBlank {
            opens = isSentenceStart(range.lowerBound)
        } else {
            opens = after != 0x0A && before != UInt8(ascii: "^") && (!isInside || runsOn && !before.isASCIIUppercase)
        }
        pair(range, slot, opens: opens, closes: before != 0x0A && (!isInside || runsOn))
    }

    /// Closes the open mark of the same kind, or opens one.
    private mutating func pair(_ range: Range<Int>, _ slot: Int, opens: Bool, closes: Bool) {
        let opener = openers[slot]
        // The marks may be all that parts two words.
        let parts =
            range.count > 1 && byte(range.upperBound).isASCIILetterOrDigit
            && !byte(range.lowerBound - 1).isBlankOrNewline
        if closes, opener >= 0, edits[opener].range.upperBound < range.lowerBound {
            edits[opener].isValid = true
            edits.append(Edit(range: range, replacement: parts ? .space : .nothing))
            for index in openers.indices where openers[index] >= opener { openers[index] = -1 }
        } else if opens {
            openers[slot] = edits.count
            let opensWord = parts && isWord(before: range.lowerBound)
            // No prose begins a line with two stars, so they go even if nothing closes them.
            let isCertain =
                range.count == 2 && input[range.lowerBound] == UInt8(ascii: "*") && byte(range.lowerBound - 1) == 0x0A
            edits.append(Edit(range: range, replacement: opensWord ? .space : .nothing, isValid: isCertain))
        }
    }

    /// Whether the text up to `index` ends with a line end or, before blanks, with the punctuation that ends a sentence.
    private func isSentenceStart(_ index: Int) -> Bool {
        // Two blanks at most, so that the cost does not grow with a run of them.
        var before = index - 1
        while before > index - 3, byte(before).isBlank { before -= 1 }
        return byte(before) == 0x0A || Self.sentenceEnds.contains(byte(before))
    }

    /// Whether a strict mark may open where the character before `index` is: at the start, after white space or an
    /// opening mark.
    private func mayOpen(after index: Int) -> Bool {
        let before = byte(index - 1)
        if before.isBlankOrNewline { return true }
        return before < 0x80 ? Self.beforeOpening.contains(before) : isGeneralPunctuation(endingAt: index)
    }

    private func mayClose(before index: Int) -> Bool {
        let after = byte(index)
        if after.isBlankOrNewline { return true }
        return after < 0x80 ? Self.afterClosing.contains(after) : isGeneralPunctuation(startingAt: index)
    }

    /// Letters, digits, and what is not ASCII apart from general punctuation (quotation marks, dashes).
    private func isWord(before index: Int) -> Bool {
        let before = byte(index - 1)
        return before < 0x80 ? before.isASCIILetterOrDigit : !isGeneralPunctuation(endingAt: index)
    }

    private func isWord(after index: Int) -> Bool {
        let after = byte(index)
        return after < 0x80 ? after.isASCIILetterOrDigit : !isGeneralPunctuation(startingAt: index)
    }

    /// U+2000 to U+207F.
    private func isGeneralPunctuation(startingAt index: Int) -> Bool {
        byte(index) == 0xE2 && byte(index + 1) & 0xFE == 0x80
    }

    private func isGeneralPunctuation(endingAt index: Int) -> Bool {
        isGeneralPunctuation(startingAt: index - 3)
    }

    // MARK: Links

    private mutating func openBracket(from start: Int) {
        let end = input[start] == UInt8(ascii: "[") ? start + 1 : start + 2
        brackets.append(edits.count)
        edits.append(Edit(range: start..<end, isValid: false))
        position = end
    }

    private mutating func closeBracket() {
        let start = position
        position += 1
        guard let opener = brackets.popLast(), byte(position) == UInt8(ascii: "(") else { return }
        let isImage = input[edits[opener].range.lowerBound] == UInt8(ascii: "!")
        guard let end = destinationEnd(position + 1, isImage: isImage) else { return }
        edits[opener].isValid = true
        edits.append(Edit(range: start..<end))
        position = end
    }

    /// End of a link's destination and title that begin at `start`, after the closing parenthesis; nil if it is none.
    /// Stops at any square bracket, so that no text is searched twice.
    private func destinationEnd(_ start: Int, isImage: Bool) -> Int? {
        var (index, depth) = (start, 0)
        var looksLikeAddress = isImage
        var quote: UInt8 = 0
        while index < input.count {
            let byte = input[index]
            switch byte {
            case 0x0A, UInt8(ascii: "["), UInt8(ascii: "]"): return nil
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if quote == 0, input[index - 1].isBlank { quote = byte } else if quote == byte { quote = 0 }
            case _ where quote != 0: break
            case UInt8(ascii: " "), 0x09:
                // Only a title, or the end, may follow a blank.
                let next = self.byte(skipBlanks(index))
                guard Self.afterDestination.contains(next) else { return nil }
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"):
                if depth == 0 { return looksLikeAddress ? index + 1 : nil }
                depth -= 1
            case UInt8(ascii: "/"), UInt8(ascii: "#"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "@"):
                looksLikeAddress = true
            default: break
            }
            index += 1
        }
        return nil
    }
}
