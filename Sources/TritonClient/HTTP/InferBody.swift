/// The binary tensor data extension: a JSON header, then the tensors' bytes one after the other.
/// Source: KServe v2, "Binary Tensor Data Extension", as Triton implements it.
enum InferBody {
    /// Largest JSON part of a reply that is read. Triton's largest, a model configuration with long parameters, is
    /// some 100 kB; parsed JSON takes up to ten times its text.
    static let maximumJSONBytes = 4 << 20

    /// Byte for byte what tritonclient's `generate_request_body` gives.
    /// - Returns: the body and the length of its JSON part, for the header `Inference-Header-Content-Length`.
    static func encode(_ request: InferRequest) -> (body: [UInt8], jsonLength: Int) {
        var body: [UInt8] = []
        body.reserveCapacity(
            request.inputs.reduce(256) { $0 + $1.bytes.count + 128 } + request.outputs.count * 64)
        body.append(UInt8(ascii: "{"))
        if !request.id.isEmpty {
            body.append(contentsOf: "\"id\":".utf8)
            JSONValue.append(request.id, to: &body)
            body.append(UInt8(ascii: ","))
        }
        body.append(contentsOf: "\"inputs\":[".utf8)
        for (index, input) in request.inputs.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: "{\"name\":".utf8)
            JSONValue.append(input.name, to: &body)
            body.append(contentsOf: ",\"shape\":[".utf8)
            for (axis, dimension) in input.shape.enumerated() {
                body.append(contentsOf: (axis > 0 ? ",\(dimension)" : "\(dimension)").utf8)
            }
            body.append(contentsOf: "],\"datatype\":\"\(input.datatype.rawValue)\"".utf8)
            body.append(contentsOf: ",\"parameters\":{\"binary_data_size\":\(input.bytes.count)}}".utf8)
        }
        if request.outputs.isEmpty {
            body.append(contentsOf: "],\"parameters\":{\"binary_data_output\":true}}".utf8)
        } else {
            body.append(contentsOf: "],\"outputs\":[".utf8)
            for (index, output) in request.outputs.enumerated() {
                body.append(contentsOf: (index > 0 ? ",{\"name\":" : "{\"name\":").utf8)
                JSONValue.append(output, to: &body)
                body.append(contentsOf: ",\"parameters\":{\"binary_data\":true}}".utf8)
            }
            body.append(contentsOf: "]}".utf8)
        }
        let jsonLength = body.count
        for input in request.inputs { body.append(contentsOf: input.bytes) }
        return (body, jsonLength)
    }

    /// Takes a reply apart; `ReplyValidation` then compares it with the request.
    /// - Parameter jsonLength: the value of `Inference-Header-Content-Length`; nil when the reply has none and is JSON
    ///   alone.
    /// - Throws: `.invalidResponse`.
    static func decode(_ body: [UInt8], jsonLength: String?) throws(TritonError) -> InferResponse {
        let jsonEnd = try jsonLength.map { text throws(TritonError) in try length(text, of: body) } ?? body.count
        let header = try json(body[..<jsonEnd])
        var position = jsonEnd
        var outputs: [Tensor] = []
        for output in try header.requiredArray("outputs") {
            let name = try output.requiredString("name")
            let shown = ReplyValidation.excerpt(name)
            guard let datatype = Datatype(rawValue: try output.requiredString("datatype")) else {
                throw .invalidResponse("output '\(shown)' has an unknown datatype")
            }
            guard let size = try output.member("parameters")?.member("binary_data_size")?.integer else {
                throw .invalidResponse("output '\(shown)' has no binary_data_size")
            }
            guard size >= 0, size <= body.count - position else {
                throw .invalidResponse("output '\(shown)' claims \(size) of \(body.count - position) bytes left")
            }
            outputs.append(
                Tensor(
                    name: name, datatype: datatype, shape: try output.requiredIntegers("shape"),
                    bytes: Array(body[position..<(position + size)])))
            position += size
        }
        guard position == body.count else {
            throw .invalidResponse("\(body.count - position) bytes follow the last output")
        }
        return InferResponse(
            model: try header.requiredString("model_name"), version: try header.requiredString("model_version"),
            id: try header.member("id")?.string ?? "", outputs: outputs)
    }

    static func json(_ bytes: ArraySlice<UInt8>) throws(TritonError) -> JSONValue {
        guard bytes.count <= maximumJSONBytes else {
            throw .invalidResponse("\(bytes.count) bytes of JSON, of which at most \(maximumJSONBytes) are read")
        }
        return try JSONValue(parsing: bytes)
    }

    private static func length(_ text: String, of body: [UInt8]) throws(TritonError) -> Int {
        // Int's own parser would take a sign.
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let length = Int(text), length <= body.count
        else {
            throw .invalidResponse(
                "Inference-Header-Content-Length '\(ReplyValidation.excerpt(text))' with a body of \(body.count) bytes")
        }
        return length
    }
}
