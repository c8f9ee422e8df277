/// What a character is to the scanner that reads the input itself.
enum CharacterKind: UInt8 {
    /// Goes on a word and is its own normal form but for the case of ASCII letters.
    case letter
    /// Ends a word and gives no token.
    case space
    /// Ends a word and is one by itself, in its own form: punctuation and ideographs.
    case single
    /// The opening bracket: a `single` that may begin a special token.
    case bracket
    /// Anything that normalization changes or removes, or that can change place with its neighbours.
    case other
}

extension BertUnicode {
    /// The kind of a character.
    @inline(__always)
    func kind(_ scalar: UInt32) -> CharacterKind {
        let property = self[scalar]
        if property.bits == 0 { return .letter }
        // Each by itself, so that nothing which is also a mark or mapped comes here.
        if property == .punctuation { return scalar == 0x5B ? .bracket : .single }
        if property == .ideograph { return .single }
        if property == .whitespace { return .space }
        // Capital letters of ASCII are mapped; the tables of words and pieces are looked up without regard to that.
        return (0x41...0x5A).contains(scalar) ? .letter : .other
    }
}
