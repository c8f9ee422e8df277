/// Reads plain ASCII text straight from the input: words, and what stands between them.
///
/// A word's end, lower case and hash are found in eight bytes at once, and nineteen words of twenty in English prose are
/// whole tokens, so that a word costs about 10 ns. Everything else is left to the caller.
struct PlainScanner: Sendable {
    /// Why a scan came to its end.
    enum Stop {
        /// The text is read.
        case end
        /// The output may not have room for the next word.
        case full
        /// At the position is a word or character that is not plain ASCII.
        case notPlain
        /// At the position is what may be a special token.
        case bracket
    }

    private let model: WordPieceModel
    /// A `CharacterKind` for each byte; `other` for those that are not ASCII.
    private let kinds: [UInt8]
    /// Ids of the ASCII bytes that are words by themselves.
    private let singles: [Int32]

    init(_ model: WordPieceModel, unicode: BertUnicode = .shared) {
        self.model = model
        let kinds = (0..<256).map { (byte: UInt32) in byte < 0x80 ? unicode.kind(byte) : .other }
        self.kinds = kinds.map(\.rawValue)
        singles = kinds.enumerated().map { byte, kind in
            let isSingle = kind == .single || kind == .bracket
            return isSingle ? model.words.id(UInt64(byte), 0) ?? Vocabulary.unknown : Vocabulary.unknown
        }
    }

    /// Writes tokens until something stops it.
    ///
    /// - Parameter position: where to start, no letter or digit before it; afterwards, where it stopped.
    func scan(_ text: Span<UInt8>, from position: inout Int, into output: inout EncodingBuilder) -> Stop {
        scan(text, &position, &output.ids, &output.starts, &output.ends, &output.count, &output.unknownCount)
    }

    @inline(never)
    private func scan(
        _ text: Span<UInt8>, _ position: inout Int, _ idRoom: inout [Int32], _ startRoom: inout [Int],
        _ endRoom: inout [Int], _ tokenCount: inout Int, _ unknownCount: inout Int
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
        // A word and a punctuation mark are written without asking again.
        let last = ids.count &- WordPieceModel.maximumWordLength &- 1
        while start < text.count {
            guard count < last else { return .full }
            let head = EightBytes(text.eightBytes(at: start))
            var end = start &+ head.wordLength
            guard end > start else {
                let byte = text[start]
                let kind = kinds[Int(byte)]
                if kind == CharacterKind.space.rawValue {
                    start &+= 1
                    continue
                }
                if kind == CharacterKind.other.rawValue { return .notPlain }
                if kind == CharacterKind.bracket.rawValue, SpecialTokens.mayStart(text, at: start) { return .bracket }
                ids[count] = singles[Int(byte)]
                starts[count] = start
                ends[count] = start &+ 1
                count &+= 1
                start &+= 1
                continue
            }
            var id: Int32?
            if end < start &+ 8 {
                id = model.words.id(head.word, 0)
            } else {
                let tail = EightBytes(text.eightBytes(at: end))
                end &+= tail.wordLength
                if end < start &+ 16 {
                    id = model.words.id(head.word, tail.word)
                } else {
                    end = endOfWord(text, from: end)
                }
            }
            let kind = end < text.count ? kinds[Int(text[end])] : CharacterKind.space.rawValue
            // It may belong to the word.
            if kind == CharacterKind.other.rawValue { return .notPlain }
            if let id {
                ids[count] = id
                starts[count] = start
                ends[count] = end
                count &+= 1
            } else {
                model.spell(start..<end, of: text, &ids, &starts, &ends, &count, &unknownCount)
            }
            start = end &+ 1
            if kind == CharacterKind.single.rawValue {
                // Mostly a comma or full stop, and then a space: one turn instead of three for the processor to guess.
                ids[count] = singles[Int(text[end])]
                starts[count] = end
                ends[count] = start
                count &+= 1
                if start < text.count, text[start] == UInt8(ascii: " ") { start &+= 1 }
            } else if kind == CharacterKind.bracket.rawValue {
                start = end
            }
        }
        start = text.count
        return .end
    }

    /// The end of a word of at least 16 bytes, which is read up to `index`.
    @inline(never)
    private func endOfWord(_ text: Span<UInt8>, from index: Int) -> Int {
        var end = index
        while true {
            let length = EightBytes(text.eightBytes(at: end)).wordLength
            end &+= length
            if length < 8 { return end }
        }
    }
}
