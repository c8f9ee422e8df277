/// Groups tokens into sentences: one pass over the tokens.
///
/// A sentence ends
/// - at a paragraph's end;
/// - at a line's end, if the line is short (a title, a salutation, an item) or ends in a colon, and what follows does not
///   begin with a small letter: long lines may be wrapped prose;
/// - after `.`, `!`, `?` and the closing quotes and brackets that follow at once, unless a small letter follows a quote
///   (`"No." he said`). Small letters alone do not hold a sentence together: learners leave capitals out;
/// - not before a comma or dash, nor after a number alone (`2.`), nor inside `$8. 20` and `a. m.`;
/// - after `…` or `..`, if a capital follows;
/// - after an abbreviation only if a word follows that opens sentences (`at 5 p.m. The`); after `etc.` if a capital does;
///   never after `Dr.` or `e.g.`
/// - without a space, only where a word with a capital follows (`the end.The`).
struct SentenceSplitter {
    /// Lines shorter than this many bytes are not wrapped prose.
    static let wrappedLine = 45

    private let bytes: [UInt8]
    private let tokens: Tokens
    private var isQuoteOpen = false
    private var lineStart = 0

    init(_ bytes: [UInt8], _ tokens: Tokens) {
        self.bytes = bytes
        self.tokens = tokens
    }

    /// Ranges of token indices, one a sentence; together they are all tokens.
    static func split(_ bytes: [UInt8], _ tokens: Tokens) -> [Range<Int>] {
        var splitter = SentenceSplitter(bytes, tokens)
        return splitter.split()
    }

    private mutating func split() -> [Range<Int>] {
        var sentences: [Range<Int>] = []
        var start = 0
        var index = 0
        while index < tokens.count {
            if index > start, endsLine(before: index) {
                sentences.append(start..<index)
                start = index
            }
            noteLine(index)
            let kind = tokens.kinds[index]
            if kind == .straightQuote { isQuoteOpen.toggle() }
            index += 1
            guard kind == .terminator || kind == .ellipsis || kind == .abbreviation else { continue }
            let mark = index - 1
            let closed = absorbClosers(&index)
            // A number with its full stop is the marker of what follows.
            let isMarker = mark == start + 1 && tokens.kinds[start] == .number
            if index < tokens.count, !isMarker, endsSentence(mark, next: index, closed: closed) {
                sentences.append(start..<index)
                start = index
            }
        }
        if start < tokens.count { sentences.append(start..<tokens.count) }
        return sentences
    }

    private mutating func noteLine(_ index: Int) {
        if tokens.gaps[index] == .paragraph { isQuoteOpen = false }
        if tokens.gaps[index] >= .newline { lineStart = tokens.starts[index] }
    }

    /// Whether the line end before a token ends a sentence.
    private func endsLine(before index: Int) -> Bool {
        switch tokens.gaps[index] {
        case .none, .space: return false
        case .paragraph: return true
        case .newline:
            let isShort = tokens.ends[index - 1] - lineStart < Self.wrappedLine
            let endsInColon = bytes[tokens.ends[index - 1] - 1] == UInt8(ascii: ":")
            return (isShort || endsInColon) && !bytes[tokens.starts[index]].isASCIILowercase
        }
    }

    /// Moves `index` over what belongs to the end of a sentence: further marks, closing brackets and quotes.
    /// - Returns: whether a quote or a bracket was closed.
    private mutating func absorbClosers(_ index: inout Int) -> Bool {
        var closed = false
        while index < tokens.count, tokens.gaps[index] < .newline {
            let isAttached = tokens.gaps[index] == .none
            switch tokens.kinds[index] {
            case .terminator, .ellipsis: break
            case .closingBracket, .closingQuote, .apostrophe:
                guard isAttached else { return closed }
                closed = true
            case .straightQuote:
                // Attached, or a quote that is open and has a space before it, as tokenised text has.
                guard isAttached || isQuoteOpen else { return closed }
                isQuoteOpen = false
                closed = true
            default: return closed
            }
            index += 1
        }
        return closed
    }

    /// Whether the sentence ends between the mark (and what closes after it) and the token `next`.
    private func endsSentence(_ mark: Int, next: Int, closed: Bool) -> Bool {
        let first = firstWord(from: next)
        let isCapital = first.map { bytes[tokens.starts[$0]].isASCIIUppercase } ?? false
        let isSmall = first.map { bytes[tokens.starts[$0]].isASCIILowercase } ?? false
        if tokens.gaps[next] == .none { return tokens.kinds[mark] == .terminator && isCapital && first == next }
        // `"Why?", he asked`
        if tokens.kinds[next] == .punctuation { return false }
        switch tokens.kinds[mark] {
        case .terminator: return !(closed && isSmall) && !isSpacedOut(mark, next)
        case .ellipsis: return isCapital
        default:
            guard isCapital, let first, !isLeading(mark) else { return false }
            return hash(of: mark) == Self.etc
                || Abbreviations.sentenceOpeners.contains(WordHash(bytes[tokens[first]]).value)
        }
    }

    /// `$8. 20` and `a. m.`, as some tokenisers leave them.
    private func isSpacedOut(_ mark: Int, _ next: Int) -> Bool {
        guard mark > 0, tokens.gaps[mark] == .none, bytes[tokens.starts[mark]] == UInt8(ascii: ".") else {
            return false
        }
        if tokens.kinds[mark - 1] == .number, tokens.kinds[next] == .number { return true }
        // One small letter, but not the learner's `i`.
        let letter = bytes[tokens.starts[mark - 1]]
        return tokens.lengths[mark - 1] == 1 && letter.isASCIILowercase && letter != UInt8(ascii: "i")
            && bytes[tokens.starts[next]].isASCIILowercase
    }

    private static let etc = WordHash("etc").value

    /// Hash of an abbreviation without its full stop.
    private func hash(of mark: Int) -> UInt64 {
        WordHash(bytes[tokens.starts[mark]..<tokens.ends[mark] - 1]).value
    }

    private func isLeading(_ mark: Int) -> Bool {
        let hash = hash(of: mark)
        return Abbreviations.leading.contains(hash) || Abbreviations.titles.contains(hash)
            || Abbreviations.beforeNumbers.contains(hash)
    }

    /// The first of the next few tokens that is no opening quote or bracket, if it is a word.
    private func firstWord(from index: Int) -> Int? {
        for candidate in index..<min(index + 4, tokens.count) {
            switch tokens.kinds[candidate] {
            case .openingQuote, .openingBracket, .straightQuote, .apostrophe: continue
            case .word, .abbreviation: return candidate
            default: return nil
            }
        }
        return nil
    }
}

extension Tokens.Gap: Comparable {
    public static func < (left: Tokens.Gap, right: Tokens.Gap) -> Bool {
        left.rawValue < right.rawValue
    }
}
