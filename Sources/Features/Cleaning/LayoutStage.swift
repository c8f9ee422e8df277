/// Last stage: white space, and the prompt's prefix.
///
/// - A run of spaces and tabs becomes one space; at the ends of a line it goes.
/// - One line end stays one: whether it ends a sentence is for `Document` to judge.
/// - Two or more, and what markup says is the end of a block, become a blank line between paragraphs.
/// - At the ends of the text all white space goes.
/// - A prompt's label at the start goes, see `PromptPrefix`.
enum LayoutStage {
    static func run(_ input: [UInt8], _ hygiene: inout Hygiene) -> MappedText {
        var output = MappedText(capacity: input.count)
        var index = 0
        if let end = PromptPrefix.end(in: input) {
            hygiene.add(.promptPrefix)
            index = end
        }
        let textStart = index
        // Everything from here on is to be copied.
        var pending = index
        while index < input.count {
            guard isSpace(input[index]) else {
                index += 1
                continue
            }
            let start = index
            while index < input.count, isSpace(input[index]) { index += 1 }
            let isInside = start > textStart && index < input.count
            if isInside, index - start == 1, input[start] == 0x20 || input[start] == 0x0A { continue }
            output.copy(input, pending..<start)
            write(start..<index, of: input, to: &output, atEdge: !isInside, &hygiene)
            pending = index
        }
        output.copy(input, pending..<input.count)
        return output
    }

    @inline(__always)
    private static func isSpace(_ byte: UInt8) -> Bool {
        byte.isBlankOrNewline || byte == MarkupStage.blockBreak
    }

    private static func write(
        _ range: Range<Int>, of input: [UInt8], to output: inout MappedText, atEdge: Bool, _ hygiene: inout Hygiene
    ) {
        let newlines = input[range].count { $0 == 0x0A }
        let isBlockEnd = input[range].contains(MarkupStage.blockBreak)
        // What is as it should be is not a finding, and neither is white space that markup left.
        if !(newlines == 2 && range.count == 2) && !isBlockEnd { hygiene.add(.collapsedWhitespace) }
        if atEdge { return }
        let isParagraphEnd = newlines > 1 || isBlockEnd
        if isParagraphEnd, newlines == 2, range.count == 2 {
            output.copy(input, range)
        } else {
            output.replace(range, with: isParagraphEnd ? [0x0A, 0x0A] : newlines == 1 ? [0x0A] : [0x20])
        }
    }
}
