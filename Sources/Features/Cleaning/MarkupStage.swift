/// Second stage: Markdown and HTML to plain text.
///
/// A single pass collects edits, front to back. Marks that come in pairs (emphasis, brackets of links) are noted when
/// they open and count only once they are closed, so a lone `*` or `[` stays. The rules are stricter than CommonMark's
/// where prose would suffer: `2 * 3`, `a < b`, `snake_case`, `f**k`, `[Your Name]`, `<M> = 0.43` are left alone.
/// Each construct's search is bounded by its paragraph or remembered when it fails, so time is linear.
struct MarkupStage {
    struct Edit {
        enum Replacement: Equatable {
            case nothing
            /// A paragraph ends here.
            case blockBreak
            case newline
            case space
            /// The character that an HTML reference names.
            case reference(UInt32)
        }

        var range: Range<Int>
        var replacement = Replacement.nothing
        /// What it counts as; nil if it belongs to an edit that counts already.
        var finding: Hygiene.Finding? = .markdownMarks
        /// False for an opening mark as long as nothing closes it.
        var isValid = true
    }

    /// Stands for the end of a paragraph that markup implies, until `LayoutStage` writes the blank line. U+000C cannot
    /// occur otherwise: `CharacterStage` folds it.
    static let blockBreak: UInt8 = 0x0C

    let input: [UInt8]
    var edits: [Edit] = []
    var position = 0

    // State of the paragraph.
    /// End of the paragraph: of its last line before a blank one.
    var paragraphEnd = 0
    /// Edits of open emphasis marks by character and length; see `slot(_:_:)`.
    var openers = [Int](repeating: -1, count: 9)
    /// Edits of open brackets.
    var brackets: [Int] = []
    /// Lengths of back-tick runs that do not occur again in this paragraph.
    var missingTicks: Set<Int> = []

    // State of the lines.
    var fence: (mark: UInt8, count: Int)?
    var isInQuote = false
    var isInTable = false
    /// What stands no more in the text, once searched for in vain.
    var missingTerminators: Set<String> = []

    static func run(_ input: [UInt8], _ hygiene: inout Hygiene) -> MappedText {
        var stage = MarkupStage(input: input)
        stage.scan()
        return stage.apply(&hygiene)
    }

    init(input: [UInt8]) {
        self.input = input
    }

    private mutating func scan() {
        while position < input.count {
            let lineEnd = endOfLine(position)
            if fence != nil {
                scanFencedLine(lineEnd)
            } else if isBlank(position..<lineEnd) {
                endParagraph()
                isInQuote = false
                isInTable = false
                position = lineEnd
            } else {
                if position >= paragraphEnd { beginParagraph() }
                scanLine(lineEnd)
            }
            if position < input.count, input[position] == 0x0A { position += 1 }
        }
    }

    private mutating func beginParagraph() {
        endParagraph()
        missingTicks.removeAll(keepingCapacity: true)
        var end = endOfLine(position)
        while end < input.count {
            let next = endOfLine(end + 1)
            if isBlank(end + 1..<next) { break }
            end = next
        }
        paragraphEnd = end
    }

    /// Forgets all open marks: no pair reaches over the end of a block.
    mutating func endParagraph() {
        for index in openers.indices { openers[index] = -1 }
        brackets.removeAll(keepingCapacity: true)
    }

    private func apply(_ hygiene: inout Hygiene) -> MappedText {
        var output = MappedText(capacity: input.count)
        var done = 0
        for edit in edits where edit.isValid && edit.range.lowerBound >= done {
            output.copy(input, done..<edit.range.lowerBound)
            done = edit.range.upperBound
            switch edit.replacement {
            case .nothing: break
            case .blockBreak: output.replace(edit.range, with: CollectionOfOne(Self.blockBreak))
            case .newline: output.replace(edit.range, with: CollectionOfOne(0x0A))
            case .space: output.replace(edit.range, with: CollectionOfOne(0x20))
            case .reference(let value):
                let folding = CharacterFolding(value)
                if folding == .keep {
                    output.replace(edit.range, with: UTF8Scalars.encode(value))
                } else {
                    folding.write(edit.range, to: &output, &hygiene)
                }
            }
            if let finding = edit.finding, !edit.range.isEmpty { hygiene.add(finding) }
        }
        output.copy(input, done..<input.count)
        return output
    }
}

// MARK: - Reading

extension MarkupStage {
    /// The byte at `index`, or a line end outside of the text.
    @inline(__always)
    func byte(_ index: Int) -> UInt8 {
        index >= 0 && index < input.count ? input[index] : 0x0A
    }

    /// Index of the line end at or after `index`, or the text's end.
    func endOfLine(_ index: Int) -> Int {
        var end = index
        while end < input.count, input[end] != 0x0A { end += 1 }
        return end
    }

    /// Index of the first byte from `index` on that is neither space nor tab.
    func skipBlanks(_ index: Int) -> Int {
        var end = index
        while end < input.count, input[end].isBlank { end += 1 }
        return end
    }

    func isBlank(_ range: Range<Int>) -> Bool {
        skipBlanks(range.lowerBound) >= range.upperBound
    }

    /// Length of the run of `mark` that begins at `index`.
    func runLength(_ mark: UInt8, at index: Int) -> Int {
        var end = index
        while end < input.count, input[end] == mark { end += 1 }
        return end - index
    }
}
