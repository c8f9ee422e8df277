/// A JSON value as RFC 8259 has it, and no more than that: made for the JSON parts of KServe replies, which are small.
///
/// Members stay in order and unhashed: hashing or comparing hostile `String` keys costs quadratic time.
enum JSONValue: Equatable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case integer(Int)
    /// Any other number, as it was written.
    case decimal(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    struct Member: Equatable {
        var key: String
        var value: JSONValue
    }

    /// Deepest nesting that is read. Triton's model configuration has about 8 levels.
    static let maximumDepth = 32

    /// Reads one value that fills `bytes` but for white space.
    /// - Throws: `.invalidResponse` with the byte offset of the first fault.
    init(parsing bytes: ArraySlice<UInt8>) throws(TritonError) {
        var parser = JSONParser(bytes)
        self = try parser.document()
    }

    /// The value under `key`; nil if this is no object, or has no such key.
    /// - Throws: `.invalidResponse` if the key is there twice: parsers differ in which one they take.
    func member(_ key: String) throws(TritonError) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        var found: JSONValue?
        for member in members where member.key.utf8.elementsEqual(key.utf8) {
            guard found == nil else { throw .invalidResponse("JSON key '\(key)' is there twice") }
            found = member.value
        }
        return found
    }

    var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    var integer: Int? {
        if case .integer(let value) = self { value } else { nil }
    }

    var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }
}

// MARK: Required members

extension JSONValue {
    func requiredString(_ key: String) throws(TritonError) -> String {
        guard let value = try member(key)?.string else { throw .invalidResponse("JSON has no string '\(key)'") }
        return value
    }

    func requiredArray(_ key: String) throws(TritonError) -> [JSONValue] {
        guard let value = try member(key)?.array else { throw .invalidResponse("JSON has no array '\(key)'") }
        return value
    }

    func requiredStrings(_ key: String) throws(TritonError) -> [String] {
        var strings: [String] = []
        for value in try requiredArray(key) {
            guard let string = value.string else { throw .invalidResponse("'\(key)' holds more than strings") }
            strings.append(string)
        }
        return strings
    }

    func requiredIntegers(_ key: String) throws(TritonError) -> [Int] {
        var integers: [Int] = []
        for value in try requiredArray(key) {
            guard let integer = value.integer else { throw .invalidResponse("'\(key)' holds more than integers") }
            integers.append(integer)
        }
        return integers
    }
}

// MARK: Writing

extension JSONValue {
    /// Appends `text` as a JSON string in ASCII, escaped as tritonclient's rapidjson does it.
    static func append(_ text: String, to json: inout [UInt8]) {
        json.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22, 0x5C:
                json.append(UInt8(ascii: "\\"))
                json.append(UInt8(truncatingIfNeeded: scalar.value))
            case 0x08: json.append(contentsOf: "\\b".utf8)
            case 0x09: json.append(contentsOf: "\\t".utf8)
            case 0x0A: json.append(contentsOf: "\\n".utf8)
            case 0x0C: json.append(contentsOf: "\\f".utf8)
            case 0x0D: json.append(contentsOf: "\\r".utf8)
            case 0x20...0x7F: json.append(UInt8(truncatingIfNeeded: scalar.value))
            default:
                for unit in UTF16.encode(scalar).map({ Array($0) }) ?? [] { appendEscape(unit, to: &json) }
            }
        }
        json.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(_ unit: UInt16, to json: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        json.append(contentsOf: "\\u".utf8)
        for shift in [12, 8, 4, 0] { json.append(digits[Int(unit >> UInt16(shift)) & 0xF]) }
    }
}
