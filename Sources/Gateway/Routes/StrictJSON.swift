/// A strict reader for the small JSON objects that callers send.
///
/// Foundation's decoder hashes unknown keys as Unicode strings, which costs quadratic time on out-of-order combining
/// marks (an 800 KB key took 46 s), and takes BOMs, UTF-16 and duplicate keys. This reader works on bytes: known keys
/// are compared as bytes, everything else is skipped without being built, time is linear, and what RFC 8259 leaves
/// open is refused.
struct StrictJSON {
    enum Value: Equatable, Sendable {
        case string(String)
        /// The number as written.
        case number(String)
        case null
        /// The bytes of an object, which `object(_:in:keys:)` reads; its syntax has been checked.
        case object(Range<Int>)
        /// The bytes of an array, which `elements(_:in:atMost:)` reads; its syntax has been checked.
        case array(Range<Int>)
        /// true or false: legal, but not asked for by any of our requests.
        case other
    }

    /// Why the bytes were refused. `offset` is a byte offset into the input; the input itself is never quoted.
    struct Failure: Error, Equatable {
        enum Reason: String {
            case empty = "the body is empty"
            case byteOrderMark = "the body starts with a byte order mark; send UTF-8 without one"
            case notAnObject = "the body must be a JSON object"
            case unexpectedByte = "not valid JSON"
            case unexpectedEnd = "the JSON ends too early"
            case trailingBytes = "there is more after the JSON object"
            case tooDeep = "JSON nested more than 16 levels deep"
            case tooManyKeys = "a JSON object with more than 32 fields"
            case duplicateKey = "a field is given twice"
            case invalidUTF8 = "not valid UTF-8"
            case loneSurrogate = "a \\u escape is half of a surrogate pair"
            case nulCharacter = "the text contains a NUL character"
            case controlCharacter = "a raw control character inside a string; escape it"
        }
        var reason: Reason
        var offset: Int
    }

    static let maximumDepth = 16
    static let maximumKeys = 32

    private let bytes: [UInt8]
    private let allowsNUL: Bool
    private var position = 0

    private init(_ bytes: [UInt8], allowsNUL: Bool) {
        self.bytes = bytes
        self.allowsNUL = allowsNUL
    }

    /// Reads one object and gives the values of the fields in `keys` (ASCII names); a field that is absent is absent
    /// from the result.
    /// - Parameter allowsNUL: whether `\u0000` may stand in a string. Not over HTTP, where it is an attempt at something.
    /// - Returns: the fields, and the number of those that `keys` does not name.
    static func object(
        _ bytes: [UInt8], keys: [StaticString], allowsNUL: Bool = false
    ) throws(Failure) -> (fields: [String: Value], unknownCount: Int) {
        var reader = StrictJSON(bytes, allowsNUL: allowsNUL)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) || bytes.starts(with: [0xFE, 0xFF])
            || bytes.starts(with: [0xFF, 0xFE])
        {
            throw Failure(reason: .byteOrderMark, offset: 0)
        }
        reader.skipSpace()
        guard let first = reader.peek() else { throw Failure(reason: .empty, offset: 0) }
        guard first == UInt8(ascii: "{") else { throw reader.failure(.notAnObject) }
        let result = try reader.readObject(keys: keys)
        reader.skipSpace()
        guard reader.position == bytes.count else { throw reader.failure(.trailingBytes) }
        return result
    }

    /// Reads an object that is the value of a field, where an earlier read of the same bytes has found it.
    static func object(
        _ bytes: [UInt8], in range: Range<Int>, keys: [StaticString]
    ) throws(Failure) -> (fields: [String: Value], unknownCount: Int) {
        var reader = StrictJSON(bytes, allowsNUL: false)
        reader.position = range.lowerBound
        guard reader.peek() == UInt8(ascii: "{") else { throw reader.failure(.notAnObject) }
        return try reader.readObject(keys: keys)
    }

    /// Reads an array that is the value of a field, where an earlier read of the same bytes has found it.
    /// - Parameter atMost: how many elements are built; those after them are counted.
    static func elements(
        _ bytes: [UInt8], in range: Range<Int>, atMost limit: Int
    ) throws(Failure) -> (values: [Value], count: Int) {
        var reader = StrictJSON(bytes, allowsNUL: false)
        reader.position = range.lowerBound
        var values: [Value] = []
        var count = 0
        try reader.readElements(depth: 1) { (reader) throws(Failure) in
            count += 1
            if count <= limit {
                values.append(try reader.readValue(depth: 1))
            } else {
                try reader.skipValue(depth: 1)
            }
        }
        return (values, count)
    }

    /// Reads the object at `position`; the keys are ASCII.
    private mutating func readObject(
        keys: [StaticString]
    ) throws(Failure) -> (fields: [String: Value], unknownCount: Int) {
        let keys = keys.map { "\($0)" }
        var fields: [String: Value] = [:]
        var unknown = 0
        var count = 0
        try readMembers(depth: 1) { (reader, key) throws(Failure) in
            count += 1
            guard count <= Self.maximumKeys else { throw reader.failure(.tooManyKeys) }
            // A known key is short ASCII, so the raw bytes decide; only then is a String built and hashed.
            if let name = keys.first(where: { key.elementsEqual($0.utf8) }) {
                guard fields[name] == nil else { throw reader.failure(.duplicateKey) }
                fields[name] = try reader.readValue(depth: 1)
            } else {
                unknown += 1
                try reader.skipValue(depth: 1)
            }
        }
        return (fields, unknown)
    }

    /// Walks an object's members; `member` must consume the value. Keys arrive unescaped, as bytes.
    private mutating func readMembers(
        depth: Int, member: (inout StrictJSON, [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        guard depth <= Self.maximumDepth else { throw failure(.tooDeep) }
        position += 1
        skipSpace()
        if peek() == UInt8(ascii: "}") {
            position += 1
            return
        }
        while true {
            skipSpace()
            guard let byte = peek() else { throw failure(.unexpectedEnd) }
            guard byte == UInt8(ascii: "\"") else { throw failure(.unexpectedByte) }
            let key = try readStringBytes()
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            try member(&self, key)
            skipSpace()
            guard let next = peek() else { throw failure(.unexpectedEnd) }
            position += 1
            if next == UInt8(ascii: "}") { return }
            guard next == UInt8(ascii: ",") else { throw Failure(reason: .unexpectedByte, offset: position - 1) }
        }
    }

    private mutating func readValue(depth: Int) throws(Failure) -> Value {
        guard let byte = peek() else { throw failure(.unexpectedEnd) }
        switch byte {
        case UInt8(ascii: "\""):
            // Validated while it was read, so nothing is repaired here.
            return .string(String(decoding: try readStringBytes(), as: UTF8.self))
        case UInt8(ascii: "n"):
            try skipValue(depth: depth)
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let start = position
            try skipValue(depth: depth)
            return .number(String(decoding: bytes[start..<position], as: UTF8.self))
        case UInt8(ascii: "{"):
            let start = position
            try skipValue(depth: depth)
            return .object(start..<position)
        case UInt8(ascii: "["):
            let start = position
            try skipValue(depth: depth)
            return .array(start..<position)
        default:
            try skipValue(depth: depth)
            return .other
        }
    }

    private mutating func skipValue(depth: Int) throws(Failure) {
        guard let byte = peek() else { throw failure(.unexpectedEnd) }
        switch byte {
        case UInt8(ascii: "\""): _ = try readStringBytes()
        case UInt8(ascii: "{"):
            try readMembers(depth: depth + 1) { (reader, _) throws(Failure) in
                try reader.skipValue(depth: depth + 1)
            }
        case UInt8(ascii: "["): try skipArray(depth: depth + 1)
        case UInt8(ascii: "t"): try expect("true")
        case UInt8(ascii: "f"): try expect("false")
        case UInt8(ascii: "n"): try expect("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
        default: throw failure(.unexpectedByte)
        }
    }

    private mutating func skipArray(depth: Int) throws(Failure) {
        try readElements(depth: depth) { (reader) throws(Failure) in try reader.skipValue(depth: depth) }
    }

    /// Walks an array's elements; `element` must consume the value.
    private mutating func readElements(
        depth: Int, element: (inout StrictJSON) throws(Failure) -> Void
    ) throws(Failure) {
        guard depth <= Self.maximumDepth else { throw failure(.tooDeep) }
        position += 1
        skipSpace()
        if peek() == UInt8(ascii: "]") {
            position += 1
            return
        }
        while true {
            skipSpace()
            try element(&self)
            skipSpace()
            guard let next = peek() else { throw failure(.unexpectedEnd) }
            position += 1
            if next == UInt8(ascii: "]") { return }
            guard next == UInt8(ascii: ",") else { throw Failure(reason: .unexpectedByte, offset: position - 1) }
        }
    }

    private mutating func skipNumber() throws(Failure) {
        if peek() == UInt8(ascii: "-") { position += 1 }
        if peek() == UInt8(ascii: "0") { position += 1 } else { try skipDigits() }
        if peek() == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if let byte = peek(), byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            position += 1
            if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(Failure) {
        let start = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw failure(position == bytes.count ? .unexpectedEnd : .unexpectedByte) }
    }

    /// Reads a string, the opening quote at `position`: checked UTF-8, escapes resolved.
    private mutating func readStringBytes() throws(Failure) -> [UInt8] {
        position += 1
        var result: [UInt8] = []
        while true {
            guard let byte = peek() else { throw failure(.unexpectedEnd) }
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return result
            case UInt8(ascii: "\\"):
                try readEscape(into: &result)
            case 0:
                throw failure(.nulCharacter)
            case 0..<0x20:
                throw failure(.controlCharacter)
            case 0x20..<0x80:
                // The common run is copied at once.
                let start = position
                while let plain = peek(), plain >= 0x20, plain < 0x80, plain != UInt8(ascii: "\""),
                    plain != UInt8(ascii: "\\")
                {
                    position += 1
                }
                result.append(contentsOf: bytes[start..<position])
            default:
                let length = try scalarLength()
                result.append(contentsOf: bytes[position..<position + length])
                position += length
            }
        }
    }

    /// The length of the multi-byte scalar at `position`; Unicode's table 3-7, so no overlong form or surrogate.
    private func scalarLength() throws(Failure) -> Int {
        let lead = bytes[position]
        let length: Int
        let second: ClosedRange<UInt8>
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw failure(.invalidUTF8)
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]),
            bytes[(position + 2)..<(position + length)].allSatisfy({ (0x80...0xBF).contains($0) })
        else { throw failure(.invalidUTF8) }
        return length
    }

    private mutating func readEscape(into result: inout [UInt8]) throws(Failure) {
        let start = position
        position += 1
        guard let byte = peek() else { throw failure(.unexpectedEnd) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try readUnicodeEscape(start: start)
            guard allowsNUL || scalar.value != 0 else { throw Failure(reason: .nulCharacter, offset: start) }
            UTF8.encode(scalar).map { result.append(contentsOf: $0) }
        default: throw Failure(reason: .unexpectedByte, offset: start)
        }
    }

    /// Reads the digits after `\u`, and the second half of a surrogate pair.
    private mutating func readUnicodeEscape(start: Int) throws(Failure) -> Unicode.Scalar {
        let first = try readHex()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800...0xDBFF).contains(first), peek() == UInt8(ascii: "\\") else {
            throw Failure(reason: .loneSurrogate, offset: start)
        }
        position += 1
        guard peek() == UInt8(ascii: "u") else { throw Failure(reason: .loneSurrogate, offset: start) }
        position += 1
        let second = try readHex()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw Failure(reason: .loneSurrogate, offset: start) }
        return scalar
    }

    private mutating func readHex() throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek() else { throw failure(.unexpectedEnd) }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw failure(.unexpectedByte)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func expect(_ word: StaticString) throws(Failure) {
        for byte in "\(word)".utf8 { try expect(byte) }
    }

    private mutating func expect(_ byte: UInt8) throws(Failure) {
        guard let found = peek() else { throw failure(.unexpectedEnd) }
        guard found == byte else { throw failure(.unexpectedByte) }
        position += 1
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private func failure(_ reason: Failure.Reason) -> Failure {
        Failure(reason: reason, offset: position)
    }
}
