/// The first stage: BERT's normalization of uncased text.
///
/// In this order, as in `tokenizers`' `BertNormalizer`: controls are removed and white space becomes U+0020; ideographs
/// get a space on either side; canonical decomposition (NFD); nonspacing marks are stripped; lower case. All but the
/// canonical ordering of combining marks works character by character, so that one table look-up does it.
struct Normalizer: Sendable {
    private let unicode: BertUnicode
    /// For each ASCII byte what it becomes; 0 if it is removed.
    private let asciiImages: [UInt8]

    init(unicode: BertUnicode = .shared) {
        self.unicode = unicode
        asciiImages = (0..<128).map { (byte: UInt32) in
            let property = unicode[byte]
            if property.isRemoved { return 0 }
            if property.isWhitespace { return UInt8(ascii: " ") }
            var image = byte
            if property.isMapped { unicode.forEachReplacement(of: byte) { image = $1 } }
            return UInt8(truncatingIfNeeded: image)
        }
    }

    /// Replaces the text by the normal form of a part of the input. Linear in the part's length for any input.
    ///
    /// - Parameters:
    ///   - source: valid UTF-8.
    ///   - range: the part; starts and ends at characters, and no mark follows it.
    ///   - preceding: the character before the part, empty where there is none.
    func normalize(
        _ source: Span<UInt8>, _ range: Range<Int>, preceding: Range<Int> = 0..<0, into text: inout NormalizedText
    ) {
        text.reset(capacity: range.count)
        let images = asciiImages.span
        var state = State(preceding: preceding)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = source[index]
            if byte >= 0x80 {
                let (scalar, length) = source.scalar(at: index)
                append(scalar, from: index..<(index + length), to: &text, &state)
                index += length
            } else if images[Int(byte)] == 0 {
                // Removed before marks are ordered, so it does not come between them.
                index += 1
            } else {
                state.endRun(&text)
                index = text.appendASCII(source, from: index, to: range.upperBound, images: images)
                state.preceding = (index - 1)..<index
            }
        }
        state.endRun(&text)
    }

    private struct State {
        var run = CombiningRun()
        /// What the last starter comes from.
        var preceding: Range<Int>

        mutating func endRun(_ text: inout NormalizedText) {
            if !run.isEmpty { run.flush(into: &text, preceding: preceding) }
        }

        /// Takes one scalar value of the decomposed, lower-cased text.
        mutating func place(
            _ scalar: UInt32, _ property: ScalarProperty, from source: Range<Int>, consumes: Bool,
            to text: inout NormalizedText
        ) {
            guard property.combiningClass == 0 else {
                return run.append(scalar, property, from: source, consumes: consumes)
            }
            endRun(&text)
            preceding = source
            if !property.isNonspacingMark { text.append(scalar, from: source) }
        }

        mutating func placeSpace(from source: Range<Int>, to text: inout NormalizedText) {
            endRun(&text)
            preceding = source
            text.appendSpace()
        }
    }

    private func append(_ scalar: UInt32, from source: Range<Int>, to text: inout NormalizedText, _ state: inout State)
    {
        let property = unicode[scalar]
        if property.isRemoved { return }
        if property.isWhitespace { return state.placeSpace(from: source, to: &text) }
        if property.isIdeograph { state.placeSpace(from: source, to: &text) }
        if property.isMapped {
            unicode.forEachReplacement(of: scalar) { index, replacement in
                state.place(replacement, unicode[replacement], from: source, consumes: index == 0, to: &text)
            }
        } else {
            state.place(scalar, property, from: source, consumes: true, to: &text)
        }
        if property.isIdeograph { state.placeSpace(from: source, to: &text) }
    }
}
