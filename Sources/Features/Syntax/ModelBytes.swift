internal import CLinguisticModel

/// The model's bytes, which the compiler put into the program. The only unsafe code of this module: it turns the C
/// array, whose length C tells, into Swift's arrays; everything after that is checked.
enum ModelBytes {
    static let count = linguistic_model_size()

    /// `count` little-endian numbers from a byte offset on; empty if the model does not have them.
    static func numbers<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int, count: Int) -> [Number] {
        guard offset >= 0, count > 0, count <= (Self.count - offset) / MemoryLayout<Number>.size,
            let start = unsafe linguistic_model_bytes()
        else { return [] }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Self.count)
        return unsafe [Number](unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<count {
                let value = unsafe bytes.loadUnaligned(
                    fromByteOffset: offset + index * MemoryLayout<Number>.size, as: Number.self)
                unsafe buffer.initializeElement(at: index, to: Number(littleEndian: value))
            }
            filled = count
        }
    }
}
