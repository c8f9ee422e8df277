/// Splits a cleaned text into tokens and words: one pass, no look-ahead beyond the white-space-delimited piece at hand.
struct TokenScanner {
    let bytes: [UInt8]
    private(set) var tokens = Tokens()
    private(set) var words = Words()
    /// White-space-delimited pieces.
    private(set) var pieceCount = 0
    /// Unicode scalars that are not white space.
    private(set) var scalarCount = 0

    private var position = 0
    private var gap = Tokens.Gap.paragraph

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // An English token takes about five bytes with its space.
        let capacity = bytes.count / 5 + 8
        tokens.reserve(capacity)
        words.reserve(capacity)
    }

    mutating func scan() {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x20 || byte == 0x09 {
                gap = max(gap, .space)
                position += 1
            } else if byte == 0x0A {
                gap = gap == .newline || gap == .paragraph ? .paragraph : .newline
                position += 1
            } else {
                scanPiece()
            }
        }
    }

    /// One piece without white space.
    private mutating func scanPiece() {
        pieceCount += 1
        var end = position
        var hasAt = false
        while end < bytes.count, !bytes[end].isBlankOrNewline {
            if bytes[end] == UInt8(ascii: "@") { hasAt = true }
            end += 1
        }
        if let address = addressEnd(position, end, hasAt: hasAt) { append(address, .address) }
        while position < end { scanToken(end) }
    }

    private mutating func scanToken(_ end: Int) {
        let (kind, length) = CharacterClass.at(bytes, position)
        switch kind {
        case .letter, .digit, .mark: scanWord(end)
        case .period:
            let run = runEnd(end)
            append(run, run - position > 1 ? .ellipsis : .terminator)
        case .terminator: append(runEnd(end), .terminator)
        case .ellipsis: append(runEnd(end), .ellipsis)
        case .apostrophe: scanApostrophe(length, end)
        case .hyphen, .underscore: append(runEnd(end), .punctuation)
        case .straightQuote: append(position + length, .straightQuote)
        case .openingQuote: append(position + length, .openingQuote)
        case .closingQuote: append(position + length, .closingQuote)
        case .openingBracket: append(position + length, .openingBracket)
        case .closingBracket: append(position + length, .closingBracket)
        case .comma, .colon, .punctuation: append(position + length, .punctuation)
        case .ampersand, .at: append(position + length, .symbol)
        case .symbol: append(bytes[position] < 0x80 ? runEnd(end) : position + length, .symbol)
        // Not reached: a piece holds no white space.
        case .blank, .newline: position += length
        }
    }

    /// End of the run of the character at `position`.
    private func runEnd(_ end: Int) -> Int {
        let (_, length) = CharacterClass.at(bytes, position)
        var index = position + length
        while index + length <= end, (0..<length).allSatisfy({ bytes[index + $0] == bytes[position + $0] }) {
            index += length
        }
        return index
    }

    private mutating func append(_ end: Int, _ kind: Tokens.Kind) {
        var length = 0
        for index in position..<end where !UTF8Scalars.isContinuation(bytes[index]) { length += 1 }
        tokens.append(position..<end, kind, gap, length)
        scalarCount += length
        gap = .none
        position = end
    }

    // MARK: Words

    private mutating func scanWord(_ end: Int) {
        let start = position
        var hash = WordHash()
        var letters = 0
        var hasLetter = false
        var hasDot = false
        var apostrophe: Int?
        var index = start
        scanning: while index < end {
            // Nearly every character.
            if bytes[index].isASCIILetter {
                hash.add(bytes[index] | 0x20)
                letters += 1
                hasLetter = true
                index += 1
                continue
            }
            let (kind, length) = CharacterClass.at(bytes, index)
            switch kind {
            case .letter, .digit, .mark:
                if kind != .mark { letters += 1 }
                if kind == .letter { hasLetter = true }
                Self.add(bytes, index, length, to: &hash)
            case .apostrophe where follows(index + length, end, { $0 == .letter }):
                apostrophe = index
                hash.add(UInt8(ascii: "'"))
            case .hyphen where follows(index + length, end, { $0 == .letter || $0 == .digit }):
                hash.add(UInt8(ascii: "-"))
            case .underscore where follows(index + length, end, \.isWord):
                hash.add(bytes[index])
            case .ampersand where index - start <= 2 && follows(index + length, end, { $0 == .letter }):
                hash.add(bytes[index])
            case .period where joinsWord(start, index, end):
                hasDot = true
                hash.add(bytes[index])
            case .comma where isDigit(index - 1) && isDigit(index + 1),
                .colon where isDigit(index - 1) && isDigit(index + 1):
                hash.add(bytes[index])
            default: break scanning
            }
            index += length
        }
        // Marks without a base.
        guard letters > 0 else { return append(index, .symbol) }
        words.append(start..<index, hash.value, letters, isNumber: !hasLetter)
        if takesFullStop(start..<index, hash.value, hasDot: hasDot, end) {
            append(index + 1, .abbreviation)
        } else if let split = clitic(start..<index, hash.value, apostrophe) {
            append(split, .word)
            append(index, .word)
        } else {
            append(index, hasLetter ? .word : .number)
        }
    }

    /// Adds a character in lower case.
    private static func add(_ bytes: [UInt8], _ index: Int, _ length: Int, to hash: inout WordHash) {
        if length == 1 { return hash.add(bytes[index].lowercased) }
        let (value, _) = UTF8Scalars.decode(bytes, at: index)
        switch value {
        // French, German, Spanish and their like: one bit makes the small letter.
        case 0xC0...0xD6, 0xD8...0xDE:
            hash.add(bytes[index])
            return hash.add(bytes[index + 1] | 0x20)
        // Latin-1's small letters, punctuation, and scripts without cases.
        case 0xDF...0xFF, 0x2010...0x203A, 0x3040...0x9FFF, 0xAC00...0xD7A3:
            for offset in 0..<length { hash.add(bytes[index + offset]) }
            return
        default: break
        }
        for byte in (Unicode.Scalar(value)?.properties.lowercaseMapping ?? "").utf8 { hash.add(byte) }
    }

    private func follows(_ index: Int, _ end: Int, _ condition: (CharacterClass) -> Bool) -> Bool {
        index < end && condition(CharacterClass.at(bytes, index).0)
    }

    private func isDigit(_ index: Int) -> Bool {
        index >= 0 && index < bytes.count && bytes[index].isASCIIDigit
    }

    /// Whether a full stop at `index` lies inside a word: `3.14`, `U.S`, `e.g`, `example.com`; not in `end.The`.
    private func joinsWord(_ start: Int, _ index: Int, _ end: Int) -> Bool {
        guard follows(index + 1, end, { $0 == .letter || $0 == .digit }) else { return false }
        if isDigit(index - 1) || isDigit(index + 1) { return isDigit(index - 1) && isDigit(index + 1) }
        var next = index + 1
        while next < end, next - index <= 5, bytes[next].isASCIILetterOrDigit { next += 1 }
        // A single letter on either side of it: an abbreviation.
        if next == index + 2 || index == start + 1 || index >= start + 2 && bytes[index - 2] == UInt8(ascii: ".") {
            // `it.I` is none.
            return index - start < 2 || bytes[index - 2] == UInt8(ascii: ".") || bytes[index - 2].isASCIIUppercase
        }
        return Abbreviations.nameEndings.contains(WordHash(bytes[index + 1..<next]).value)
            && bytes[index + 1].isASCIILowercase
    }

    /// Whether the full stop after a word belongs to it.
    private func takesFullStop(_ word: Range<Int>, _ hash: UInt64, hasDot: Bool, _ end: Int) -> Bool {
        let stop = word.upperBound
        guard stop < end, bytes[stop] == UInt8(ascii: "."), stop + 1 == end || bytes[stop + 1] != UInt8(ascii: ".")
        else { return false }
        if word.count == 1 {
            return bytes[word.lowerBound].isASCIIUppercase && bytes[word.lowerBound] != UInt8(ascii: "I")
        }
        if Abbreviations.leading.contains(hash) || Abbreviations.trailing.contains(hash) { return true }
        if Abbreviations.titles.contains(hash) { return bytes[word.lowerBound].isASCIIUppercase }
        if Abbreviations.beforeNumbers.contains(hash) {
            let next = stop + 1 < bytes.count && bytes[stop + 1] == 0x20 ? stop + 2 : stop + 1
            return isDigit(next)
        }
        // A.B, x.y.z
        return hasDot && word.count <= 9 && bytes[stop - 2] == UInt8(ascii: ".") && bytes[stop - 1].isASCIILetter
    }

    /// Where a clitic begins: `do|n't`, `she|'ll`, `can|not`.
    private func clitic(_ word: Range<Int>, _ hash: UInt64, _ apostrophe: Int?) -> Int? {
        if hash == Self.cannot { return word.lowerBound + 3 }
        guard let apostrophe, apostrophe > word.lowerBound else { return nil }
        let (_, length) = CharacterClass.at(bytes, apostrophe)
        let suffix = bytes[apostrophe + length..<word.upperBound]
        switch WordHash(suffix).value {
        case Self.t:
            let n = apostrophe - 1
            return bytes[n].lowercased == UInt8(ascii: "n") && n > word.lowerBound ? n : nil
        case let hash where Self.clitics.contains(hash): return apostrophe
        default: return nil
        }
    }

    private static let cannot = WordHash("cannot").value
    private static let t = WordHash("t").value
    private static let clitics = WordSet("s d m ll re ve")

    // MARK: Apostrophes and addresses

    /// `'tis`, `'90s` are words; any other apostrophe outside of a word is a quotation mark or marks a plural's
    /// possessive.
    private mutating func scanApostrophe(_ length: Int, _ end: Int) {
        var next = position + length
        while next < end, next - position <= 10, bytes[next].isASCIILetterOrDigit { next += 1 }
        let word = bytes[position + length..<next]
        if gap != .none, !word.isEmpty,
            word[word.startIndex].isASCIIDigit || Abbreviations.leadingApostrophe.contains(WordHash(word).value)
        {
            var hash = WordHash()
            hash.add(UInt8(ascii: "'"))
            for byte in word { hash.add(byte.lowercased) }
            words.append(position..<next, hash.value, word.count, isNumber: word.allSatisfy(\.isASCIIDigit))
            append(next, .word)
        } else {
            append(position + length, .apostrophe)
        }
    }

    /// End of the address that a piece begins with: of the net, or of mail.
    private func addressEnd(_ start: Int, _ end: Int, hasAt: Bool) -> Int? {
        guard isNet(start, end) || hasAt && isMail(start, end) else { return nil }
        var last = end
        while last > start, Self.afterAddress.contains(bytes[last - 1]) { last -= 1 }
        return last > start ? last : nil
    }

    /// Whether a piece begins like an address on the net.
    private func isNet(_ start: Int, _ end: Int) -> Bool {
        // Nearly every piece is told by its first two letters.
        guard end - start > 4 else { return false }
        let (first, second) = (bytes[start] | 0x20, bytes[start + 1] | 0x20)
        guard first == UInt8(ascii: "h") && second == UInt8(ascii: "t") || first == UInt8(ascii: "w") && second == first
        else { return false }
        let head = bytes[start..<min(end, start + 8)].map(\.lowercased)
        return Self.schemes.contains { head.starts(with: $0) }
    }

    private static let schemes = ["http://", "https://", "www."].map { Array($0.utf8) }
    private static let afterAddress = ASCIISet(".,;:!?)]}'\">")

    /// Whether a piece is one name, an at sign, and a host with a full stop in it.
    private func isMail(_ start: Int, _ end: Int) -> Bool {
        guard bytes[start].isASCIILetterOrDigit, let at = bytes[start..<end].firstIndex(of: UInt8(ascii: "@")) else {
            return false
        }
        let host = bytes[at + 1..<end]
        guard let dot = host.firstIndex(of: UInt8(ascii: ".")) else { return false }
        return dot > at + 1 && dot + 1 < end && bytes[dot + 1].isASCIILetter
    }
}
