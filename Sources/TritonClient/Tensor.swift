/// The element types of KServe v2, spelled as on the wire.
public enum Datatype: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case uint8 = "UINT8"
    case uint16 = "UINT16"
    case uint32 = "UINT32"
    case uint64 = "UINT64"
    case int8 = "INT8"
    case int16 = "INT16"
    case int32 = "INT32"
    case int64 = "INT64"
    case fp16 = "FP16"
    case bf16 = "BF16"
    case fp32 = "FP32"
    case fp64 = "FP64"
    case bytes = "BYTES"

    /// Bytes per element; nil for `BYTES`, whose elements carry their own length.
    public var byteWidth: Int? {
        switch self {
        case .bool, .uint8, .int8: 1
        case .uint16, .int16, .fp16, .bf16: 2
        case .uint32, .int32, .fp32: 4
        case .uint64, .int64, .fp64: 8
        case .bytes: nil
        }
    }
}

/// A named tensor: row-major elements in the server's binary representation (little endian, no padding).
public struct Tensor: Sendable, Equatable {
    public var name: String
    public var datatype: Datatype
    /// Dimensions, outermost first; every one is 0 or more.
    public var shape: [Int]
    /// The elements' bytes. For a fixed-width type the count is `byteWidth` × the product of `shape`.
    public var bytes: [UInt8]

    public init(name: String, datatype: Datatype, shape: [Int], bytes: [UInt8]) {
        self.name = name
        self.datatype = datatype
        self.shape = shape
        self.bytes = bytes
    }
}
