/// Reads ASCII words that are whole tokens of the vocabulary, and what stands between them, straight from the input.
///
/// That is nineteen words of twenty in English prose, at about 30 cycles each: the word's end, its lower case and its hash
/// are found in eight bytes at once. Everything else it leaves to the caller.
struct PlainScanner: Sendable {
    /// Why a scan came to its end.
    enum Stop {
        /// The text is read.
        case end
        /// The output has no room left.
        case full
        /// At the position is a word that has to be spelled: its end.
        case unlisted(end: Int)
        /// At the position is a word or character that is not plain ASCII.
        case notPlain
        /// At the position is an opening bracket.
        case bracket
    }

    private let words: WordTable
    /// A `CharacterKind` for each byte; `other` for those that are not ASCII.
    private let kinds: [UInt8]
    /// Ids of the ASCII bytes that are words by themselves.
    private let singles: [Int32]

    init(_ words: WordTable, unicode: BertUnicode = .shared, unknown: Int32 = Vocabulary.unknown) {
        self.words = words
        let kinds = (0..<256).map { (byte: UInt32) in byte < 0x80 ? unicode.kind(byte) : .other }
        self.kinds = kinds.map(\.rawValue)
        singles = kinds.enumerated().map { byte, kind in
            guard kind == .single else { return unknown }
            return words.idAtHome(UInt64(byte)) ?? words.spilledID(UInt64(byte), 0) ?? unknown
        }
    }

    /// Writes tokens until something stops it.
    ///
    /// - Parameter position: where to start, no letter or digit before it; afterwards, where it stopped.
    func scan(_ text: Span<UInt8>, from position: inout Int, into output: inout EncodingBuilder) -> Stop {
        scan(text, &position, &output.ids, &output.starts, &output.ends, &output.count)
    }

    @inline(never)
    private func scan(
        _ text: Span<UInt8>, _ position: inout Int, _ idRoom: inout [Int32], _ startRoom: inout [Int],
        _ endRoom: inout [Int], _ tokenCount: inout Int
    ) -> Stop {
        let kinds = kinds.span
        let singles = singles.span
        var ids = idRoom.mutableSpan
        var starts = startRoom.mutableSpan
        var ends = endRoom.mutableSpan
        var count = tokenCount
        var start = position
        defer {
            position = start
            tokenCount = count
        }
        while start < text.count {
            guard count < ids.count else { return .full }
            let head = EightBytes(text.eightBytes(at: start))
            var end = start &+ head.wordLength
            guard end > start else {
                let byte = Int(text[start])
                if kinds[byte] == CharacterKind.space.rawValue {
                    start &+= 1
                    continue
                }
                guard kinds[byte] == CharacterKind.single.rawValue else {
                    return kinds[byte] == CharacterKind.bracket.rawValue ? .bracket : .notPlain
                }
                ids[count] = singles[byte]
                starts[count] = start
                ends[count] = start &+ 1
                count &+= 1
                start &+= 1
                continue
            }
            var id: Int32?
            if end < start &+ 8 {
                id = words.idAtHome(head.word) ?? words.spilledID(head.word, 0)
            } else {
                let tail = EightBytes(text.eightBytes(at: end))
                end &+= tail.wordLength
                if end < start &+ 16 {
                    id = (end == start &+ 8 ? words.idAtHome(head.word) : nil) ?? words.spilledID(head.word, tail.word)
                } else {
                    while true {
                        let length = EightBytes(text.eightBytes(at: end)).wordLength
                        end &+= length
                        if length < 8 { break }
                    }
                }
            }
            var next = end
            if end < text.count {
                let kind = kinds[Int(text[end])]
                if kind == CharacterKind.space.rawValue {
                    next &+= 1
                } else if kind == CharacterKind.other.rawValue {
                    // It may belong to the word.
                    return .notPlain
                }
            }
            guard let id else { return .unlisted(end: end) }
            ids[count] = id
            starts[count] = start
            ends[count] = end
            count &+= 1
            start = next
        }
        return .end
    }
}
