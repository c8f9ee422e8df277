internal import CZlib

/// The size of a text when zlib has packed it: a measure of how much it repeats itself.
///
/// Raw deflate at level 3 with a window of 8 KB and memory level 5. The small window makes the measure one of local
/// repetition, which hardly depends on the text's length, and a small state is quickly made: an essay of 2 KB takes 40 µs,
/// three quarters of what level 6 takes for 3 % less. The size depends on zlib's build: releases before 1.2.12 and forks
/// such as zlib-ng may pack otherwise. A test knows some sizes.
enum Deflate {
    private static let level: Int32 = 3
    /// Logarithm of the window's size; negative for raw deflate, without header and checksum.
    private static let windowBits: Int32 = -13
    private static let memoryLevel: Int32 = 5
    /// The packed bytes are counted and thrown away, piece by piece.
    private static let pieceSize = 4096

    /// Bytes of the packed text; nil if zlib has no memory for its state.
    static func size(_ bytes: [UInt8]) -> Int? {
        var stream = unsafe z_stream()
        guard
            unsafe deflateInit2_(
                &stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return nil }
        defer { unsafe deflateEnd(&stream) }
        return unsafe bytes.withUnsafeBufferPointer { input in
            unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: pieceSize) { output in
                unsafe size(&stream, input, output)
            }
        }
    }

    private static func size(
        _ stream: inout z_stream, _ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>
    ) -> Int? {
        guard let count = UInt32(exactly: input.count) else { return nil }
        unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.avail_in = count
        var status = Z_OK
        while status == Z_OK {
            unsafe stream.next_out = output.baseAddress
            unsafe stream.avail_out = UInt32(pieceSize)
            status = unsafe deflate(&stream, Z_FINISH)
        }
        return unsafe status == Z_STREAM_END ? Int(stream.total_out) : nil
    }
}
