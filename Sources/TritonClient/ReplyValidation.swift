/// The checks that both transports make, of a request before it is sent and of a reply before a caller sees it.
/// All arithmetic on numbers that came from outside is checked for overflow: a hostile reply is an error, not a trap.
enum ReplyValidation {
    /// - Returns: `response`, which holds each requested output exactly once, every one with a byte count that its
    ///   shape and type ask for.
    /// - Throws: `.invalidResponse`, with the output's name and the numbers that do not agree.
    static func checked(
        _ response: InferResponse, for request: InferRequest
    ) throws(TritonError) -> InferResponse {
        guard sameBytes(response.model, request.model) else {
            throw .invalidResponse("the answer is from model '\(excerpt(response.model))', not '\(request.model)'")
        }
        if let version = request.version, !sameBytes(response.version, version) {
            throw .invalidResponse("version '\(excerpt(response.version))' answered, not '\(version)'")
        }
        guard sameBytes(response.id, request.id) else {
            throw .invalidResponse("the answer carries the id '\(excerpt(response.id))', not '\(request.id)'")
        }
        var seen: Set<[UInt8]> = []
        for output in response.outputs {
            guard seen.insert(Array(output.name.utf8)).inserted else {
                throw .invalidResponse("output '\(excerpt(output.name))' came twice")
            }
            if let problem = mismatch(output) { throw .invalidResponse("output \(problem)") }
        }
        guard !request.outputs.isEmpty else { return response }
        for name in request.outputs where seen.remove(Array(name.utf8)) == nil {
            throw .invalidResponse("output '\(name)' is missing")
        }
        guard seen.isEmpty else {
            throw .invalidResponse("\(seen.count) outputs came that were not asked for")
        }
        return response
    }

    /// - Throws: `.invalidRequest` when the request cannot be put on the wire as it is.
    static func checked(_ request: InferRequest) throws(TritonError) {
        try checkedPathPart(request.model, "model name")
        if let version = request.version { try checkedPathPart(version, "version") }
        if let trace = request.traceParent { try checkedTraceParent(trace) }
        guard !request.inputs.isEmpty else { throw .invalidRequest("no inputs") }
        var names: Set<String> = []
        for input in request.inputs {
            guard !input.name.isEmpty else { throw .invalidRequest("an input without a name") }
            guard names.insert(input.name).inserted else {
                throw .invalidRequest("input '\(input.name)' is there twice")
            }
            if let problem = mismatch(input) { throw .invalidRequest("input \(problem)") }
        }
        names = []
        for output in request.outputs {
            guard !output.isEmpty else { throw .invalidRequest("an output without a name") }
            guard names.insert(output).inserted else { throw .invalidRequest("output '\(output)' is asked for twice") }
        }
    }

    /// A model name or version goes into the request path: it must not be empty or lead elsewhere.
    static func checkedPathPart(_ part: String, _ what: String) throws(TritonError) {
        guard !part.isEmpty else { throw .invalidRequest("an empty \(what)") }
        let allowed = part.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard allowed, part != ".", part != ".." else {
            throw .invalidRequest("the \(what) may only hold letters, digits, '.', '_' and '-'")
        }
    }

    /// It becomes a header: nothing but hexadecimal digits and dashes, and no more of them than the specification has.
    private static func checkedTraceParent(_ text: String) throws(TritonError) {
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "-"): true
            default: false
            }
        }
        guard allowed, text.utf8.count == 55 else {
            throw .invalidRequest("the trace parent must be 55 hexadecimal digits and dashes")
        }
    }

    /// A model's parameters as a dictionary.
    /// - Throws: `.invalidResponse` if a name is there twice, or longer than 1,024 bytes: hashing a long hostile text
    ///   takes quadratic time.
    static func parameters(_ entries: [(name: String, value: String)]) throws(TritonError) -> [String: String] {
        var parameters: [String: String] = [:]
        for (name, value) in entries {
            guard name.utf8.count <= 1024 else {
                throw .invalidResponse("a parameter's name of \(name.utf8.count) bytes")
            }
            guard parameters.updateValue(value, forKey: name) == nil else {
                throw .invalidResponse("parameter '\(excerpt(name))' is there twice")
            }
        }
        return parameters
    }

    /// The product of the dimensions; nil if one is negative or the product does not fit.
    static func elementCount(_ shape: [Int]) -> Int? {
        var count = 1
        for dimension in shape {
            guard dimension >= 0 else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow else { return nil }
            count = product
        }
        return count
    }

    /// Equality of the bytes: String's own == and hash take quadratic time on hostile Unicode.
    private static func sameBytes(_ a: String, _ b: String) -> Bool {
        a.utf8.elementsEqual(b.utf8)
    }

    /// What is wrong with a tensor's lengths, or nil.
    private static func mismatch(_ tensor: Tensor) -> String? {
        guard let count = elementCount(tensor.shape) else {
            return "'\(excerpt(tensor.name))' has a dimension below 0 or too many elements"
        }
        guard let width = tensor.datatype.byteWidth else {
            return bytesElementCount(tensor.bytes) == count
                ? nil : "'\(excerpt(tensor.name))' does not hold \(count) BYTES elements"
        }
        let (expected, overflow) = count.multipliedReportingOverflow(by: width)
        guard !overflow, tensor.bytes.count == expected else {
            return "'\(excerpt(tensor.name))' has \(tensor.bytes.count) bytes, not \(count) × \(width)"
        }
        return nil
    }

    /// How many elements (4-byte little-endian length, then that many bytes) `bytes` holds; nil if the last one is
    /// cut short.
    private static func bytesElementCount(_ bytes: [UInt8]) -> Int? {
        var position = 0
        var count = 0
        while position < bytes.count {
            guard bytes.count - position >= 4 else { return nil }
            let length =
                Int(bytes[position]) | Int(bytes[position + 1]) << 8 | Int(bytes[position + 2]) << 16
                | Int(bytes[position + 3]) << 24
            position += 4
            guard bytes.count - position >= length else { return nil }
            position += length
            count += 1
        }
        return count
    }

    /// At most 80 bytes of a text that the server chose, so that a message stays readable.
    static func excerpt(_ text: String) -> String {
        text.utf8.count <= 80 ? text : String(decoding: text.utf8.prefix(80), as: UTF8.self) + "…"
    }
}
