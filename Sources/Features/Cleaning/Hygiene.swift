/// What the cleaner found and removed or folded, as counts. The text itself is never kept here.
public struct Hygiene: Sendable, Equatable {
    /// A kind of finding. The raw value is the name in JSON.
    public enum Finding: String, Sendable, CaseIterable {
        /// Markdown marks removed: headings, emphasis, code, links, list and quote markers, rules, table pipes.
        case markdownMarks = "markdown_marks"
        /// HTML tags, comments, declarations, `script` and `style` elements removed.
        case htmlTags = "html_tags"
        /// HTML character references replaced by their character.
        case htmlEntities = "html_entities"
        /// C0 and C1 controls, noncharacters and escaped controls of spreadsheets (`_x000D_`) removed.
        case controlCharacters = "control_characters"
        /// Characters without width removed: ZWSP, ZWNJ, ZWJ, BOM, word joiners, fillers, tags, variation selectors.
        case zeroWidthCharacters = "zero_width_characters"
        /// ZWJ and variation selectors that followed an emoji, where they are ordinary. Removed too.
        case emojiJoiners = "emoji_joiners"
        /// U+00AD, which text copied out of PDF and HTML is full of. Removed.
        case softHyphens = "soft_hyphens"
        /// Bidirectional marks, embeddings, overrides and isolates removed.
        case bidiControls = "bidi_controls"
        /// Letters of other scripts that stood for Latin letters.
        case homoglyphs = "homoglyphs"
        /// Full-width forms folded to ASCII.
        case fullWidthForms = "full_width_forms"
        /// Mathematical alphanumerics, enclosed and letter-like letters folded to plain letters and digits.
        case styledLetters = "styled_letters"
        /// Latin ligatures taken apart (`ﬁ` to `fi`).
        case ligatures = "ligatures"
        /// Anonymisation placeholders such as `STUDENT_NAME` removed.
        case placeholders = "placeholders"
        /// A leading `Task` or `Task 1.` removed: 0 or 1.
        case promptPrefix = "prompt_prefix"
        /// Combining marks removed because their base character already had ``TextCleaner/maximumMarks``.
        case excessCombiningMarks = "excess_combining_marks"
        /// Runs of white space that were longer than one space or one blank line, or were not a plain space.
        case collapsedWhitespace = "collapsed_whitespace"
    }

    private var values = [Int](repeating: 0, count: Finding.allCases.count)

    init() {}

    /// How often `finding` occurred.
    public subscript(finding: Finding) -> Int {
        values[finding.index]
    }

    /// Every finding with its count, zeros included, in the order of ``Finding``.
    public var counts: [(name: String, count: Int)] {
        zip(Finding.allCases, values).map { ($0.rawValue, $1) }
    }

    mutating func add(_ finding: Finding, _ count: Int = 1) {
        values[finding.index] += count
    }
}

extension Hygiene.Finding {
    /// Position in the order of declaration.
    fileprivate var index: Int {
        switch self {
        case .markdownMarks: 0
        case .htmlTags: 1
        case .htmlEntities: 2
        case .controlCharacters: 3
        case .zeroWidthCharacters: 4
        case .emojiJoiners: 5
        case .softHyphens: 6
        case .bidiControls: 7
        case .homoglyphs: 8
        case .fullWidthForms: 9
        case .styledLetters: 10
        case .ligatures: 11
        case .placeholders: 12
        case .promptPrefix: 13
        case .excessCombiningMarks: 14
        case .collapsedWhitespace: 15
        }
    }
}
