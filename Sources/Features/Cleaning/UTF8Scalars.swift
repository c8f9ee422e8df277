/// Reading and writing Unicode scalars in UTF-8 that is known to be valid (it came out of a `String`).
/// Never traps on other bytes: it reads them as U+FFFD, one by one.
enum UTF8Scalars {
    /// The scalar that begins at `index`, and its length in bytes (at least 1).
    @inline(__always)
    static func decode(_ bytes: [UInt8], at index: Int) -> (value: UInt32, length: Int) {
        let lead = bytes[index]
        if lead < 0x80 { return (UInt32(lead), 1) }
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1
        guard length > 1, index + length <= bytes.count else { return (0xFFFD, 1) }
        var value = UInt32(lead) & (0xFF >> UInt32(length + 1))
        for offset in 1..<length { value = value << 6 | UInt32(bytes[index + offset] & 0x3F) }
        return (value, length)
    }

    /// Start of the scalar that ends just before `index`, which must be above 0.
    static func start(before index: Int, in bytes: [UInt8]) -> Int {
        var position = index - 1
        while position > 0, isContinuation(bytes[position]) { position -= 1 }
        return position
    }

    @inline(__always)
    static func isContinuation(_ byte: UInt8) -> Bool {
        byte & 0xC0 == 0x80
    }

    /// UTF-8 of a scalar value; U+FFFD's for a value that is none.
    static func encode(_ value: UInt32) -> [UInt8] {
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        return Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}

/// Classes of ASCII bytes.
extension UInt8 {
    @inline(__always) var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }
    @inline(__always) var isASCIIUppercase: Bool { self &- 0x41 < 26 }
    @inline(__always) var isASCIILowercase: Bool { self &- 0x61 < 26 }
    @inline(__always) var isASCIIDigit: Bool { self &- 0x30 < 10 }
    @inline(__always) var isASCIILetterOrDigit: Bool { isASCIILetter || isASCIIDigit }
    /// Space or tab.
    @inline(__always) var isBlank: Bool { self == 0x20 || self == 0x09 }
    @inline(__always) var isBlankOrNewline: Bool { isBlank || self == 0x0A }
    @inline(__always) var lowercased: UInt8 { isASCIIUppercase ? self | 0x20 : self }
}

/// A set of ASCII characters.
struct ASCIISet: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// - Parameter characters: its ASCII characters are taken.
    init(_ characters: String) {
        for byte in characters.utf8 {
            if byte < 64 { low |= 1 << UInt64(byte) } else if byte < 128 { high |= 1 << UInt64(byte - 64) }
        }
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        byte < 64 ? low >> UInt64(byte) & 1 == 1 : byte < 128 && high >> UInt64(byte - 64) & 1 == 1
    }
}
