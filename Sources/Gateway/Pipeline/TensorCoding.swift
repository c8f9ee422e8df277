import TritonClient

// Little-endian element coding by shifts: no unsafe code, and the optimiser turns it into plain moves.

extension Tensor {
    /// INT64 tensor of non-negative values.
    static func int64(_ name: String, shape: [Int], _ values: [Int64]) -> Tensor {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 8)
        for value in values { bytes.appendLittleEndian(UInt64(bitPattern: value)) }
        return Tensor(name: name, datatype: .int64, shape: shape, bytes: bytes)
    }

    static func fp64(_ name: String, shape: [Int], _ values: [Double]) -> Tensor {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 8)
        for value in values { bytes.appendLittleEndian(value.bitPattern) }
        return Tensor(name: name, datatype: .fp64, shape: shape, bytes: bytes)
    }

    /// The elements of an FP32 tensor with exactly this shape, all finite; nil for anything else. The transport has
    /// checked that bytes and shape fit together.
    func finiteFloats(shape expected: [Int]) -> [Float]? {
        guard datatype == .fp32, shape == expected else { return nil }
        var floats: [Float] = []
        floats.reserveCapacity(bytes.count / 4)
        for index in stride(from: 0, to: bytes.count - bytes.count % 4, by: 4) {
            let pattern =
                UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
                | UInt32(bytes[index + 3]) << 24
            let float = Float(bitPattern: pattern)
            guard float.isFinite else { return nil }
            floats.append(float)
        }
        return floats
    }
}

extension [UInt8] {
    fileprivate mutating func appendLittleEndian(_ pattern: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { append(UInt8(truncatingIfNeeded: pattern >> shift)) }
    }
}
