extension Span<UInt8> {
    /// The scalar value whose UTF-8 starts at the index, and its number of bytes.
    ///
    /// - Precondition: the bytes are valid UTF-8 and the index is a boundary, as `UTF8Span` guarantees.
    func scalar(at index: Int) -> (value: UInt32, length: Int) {
        let lead = UInt32(self[index])
        switch lead {
        case ..<0x80: return (lead, 1)
        case ..<0xE0: return ((lead & 0x1F) << 6 | continuation(index + 1), 2)
        case ..<0xF0: return ((lead & 0x0F) << 12 | continuation(index + 1) << 6 | continuation(index + 2), 3)
        default:
            let head = (lead & 0x07) << 18 | continuation(index + 1) << 12
            return (head | continuation(index + 2) << 6 | continuation(index + 3), 4)
        }
    }

    /// The bytes of the character that ends at the index.
    ///
    /// - Precondition: the bytes are valid UTF-8 and the index is a boundary above 0.
    func character(endingAt end: Int) -> Range<Int> {
        var start = end - 1
        while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
        return start..<end
    }

    private func continuation(_ index: Int) -> UInt32 {
        UInt32(self[index] & 0x3F)
    }
}

extension [UInt8] {
    /// Appends the UTF-8 of a scalar value.
    mutating func append(utf8 scalar: UInt32) {
        func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | (scalar >> shift) & 0x3F) }
        switch scalar {
        case ..<0x80: append(UInt8(truncatingIfNeeded: scalar))
        case ..<0x800:
            append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
            append(tail(0))
        case ..<0x1_0000:
            append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
            append(tail(6))
            append(tail(0))
        default:
            append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
            append(tail(12))
            append(tail(6))
            append(tail(0))
        }
    }
}
