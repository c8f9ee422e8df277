/// Tokens in the manner of the Penn Treebank: words with their clitics apart (`do` `n't`), numbers, punctuation.
/// A struct of arrays, all of the same length, in the order of the text.
public struct Tokens: Sendable {
    public enum Kind: UInt8, Sendable {
        /// Letters, perhaps with digits, apostrophes and hyphens.
        case word
        /// Digits, perhaps with separators.
        case number
        /// A word with its full stop: `Dr.`, `U.S.`, `e.g.`
        case abbreviation
        /// An address on the net, or of mail.
        case address
        /// `.` `!` `?` or a run of one of them.
        case terminator
        /// `…`, or two full stops and more.
        case ellipsis
        case openingBracket, closingBracket
        case openingQuote, closingQuote
        /// `"`, which may open and close.
        case straightQuote
        /// An apostrophe by itself.
        case apostrophe
        /// Commas, colons, semicolons, dashes, slashes.
        case punctuation
        /// Everything else: `%`, `+`, emoji.
        case symbol
    }

    /// What lies before a token.
    public enum Gap: UInt8, Sendable {
        case none, space, newline, paragraph
    }

    /// Byte offsets in the cleaned text.
    public internal(set) var starts: [Int] = []
    public internal(set) var ends: [Int] = []
    public internal(set) var kinds: [Kind] = []
    public internal(set) var gaps: [Gap] = []
    /// Unicode scalars of each token.
    public internal(set) var lengths: [Int] = []

    public var count: Int { starts.count }

    public subscript(index: Int) -> Range<Int> {
        starts[index]..<ends[index]
    }
}

/// Words as readability counts them: contractions and compounds with hyphens are one word, numbers are words,
/// addresses are not. A struct of arrays, all of the same length, in the order of the text.
public struct Words: Sendable {
    /// Byte offsets in the cleaned text.
    public internal(set) var starts: [Int] = []
    public internal(set) var ends: [Int] = []
    /// 64-bit FNV-1a of the word in lower case with straight apostrophes.
    public internal(set) var hashes: [UInt64] = []
    /// Letters and digits of each word, in Unicode scalars.
    public internal(set) var letterCounts: [Int] = []
    /// Whether the word is a number.
    public internal(set) var areNumbers: [Bool] = []

    public var count: Int { starts.count }

    public subscript(index: Int) -> Range<Int> {
        starts[index]..<ends[index]
    }
}

extension Tokens {
    mutating func reserve(_ capacity: Int) {
        starts.reserveCapacity(capacity)
        ends.reserveCapacity(capacity)
        kinds.reserveCapacity(capacity)
        gaps.reserveCapacity(capacity)
        lengths.reserveCapacity(capacity)
    }

    mutating func append(_ range: Range<Int>, _ kind: Kind, _ gap: Gap, _ length: Int) {
        starts.append(range.lowerBound)
        ends.append(range.upperBound)
        kinds.append(kind)
        gaps.append(gap)
        lengths.append(length)
    }
}

extension Words {
    mutating func reserve(_ capacity: Int) {
        starts.reserveCapacity(capacity)
        ends.reserveCapacity(capacity)
        hashes.reserveCapacity(capacity)
        letterCounts.reserveCapacity(capacity)
        areNumbers.reserveCapacity(capacity)
    }

    mutating func append(_ range: Range<Int>, _ hash: UInt64, _ letters: Int, isNumber: Bool) {
        starts.append(range.lowerBound)
        ends.append(range.upperBound)
        hashes.append(hash)
        letterCounts.append(letters)
        areNumbers.append(isNumber)
    }
}
