// The JSON of the replies that are not inferences.

extension ServerMetadata {
    init(_ json: JSONValue) throws(TritonError) {
        self.init(
            name: try json.requiredString("name"), version: try json.requiredString("version"),
            extensions: try json.requiredStrings("extensions"))
    }
}

extension TensorMetadata {
    init(_ json: JSONValue) throws(TritonError) {
        self.init(
            name: try json.requiredString("name"), datatype: try json.requiredString("datatype"),
            shape: try json.requiredIntegers("shape"))
    }

    static func list(_ json: JSONValue, _ key: String) throws(TritonError) -> [TensorMetadata] {
        var tensors: [TensorMetadata] = []
        for value in try json.requiredArray(key) { tensors.append(try TensorMetadata(value)) }
        return tensors
    }
}

extension ModelMetadata {
    init(_ json: JSONValue) throws(TritonError) {
        self.init(
            name: try json.requiredString("name"), versions: try json.requiredStrings("versions"),
            platform: try json.requiredString("platform"), inputs: try TensorMetadata.list(json, "inputs"),
            outputs: try TensorMetadata.list(json, "outputs"))
    }
}

extension ModelConfiguration {
    /// In bytes. Hashing a long hostile key takes quadratic time.
    private static let longestParameterName = 1024

    init(_ json: JSONValue) throws(TritonError) {
        guard let maxBatchSize = try json.member("max_batch_size")?.integer, maxBatchSize >= 0 else {
            throw .invalidResponse("JSON has no 'max_batch_size' of 0 or more")
        }
        var parameters: [String: String] = [:]
        if case .object(let members)? = try json.member("parameters") {
            for member in members {
                guard member.key.utf8.count <= Self.longestParameterName else {
                    throw .invalidResponse("a parameter's name of \(member.key.utf8.count) bytes")
                }
                guard let value = try member.value.member("string_value")?.string else { continue }
                guard parameters.updateValue(value, forKey: member.key) == nil else {
                    throw .invalidResponse("parameter '\(ReplyValidation.excerpt(member.key))' is there twice")
                }
            }
        }
        self.init(
            name: try json.requiredString("name"), platform: try json.member("platform")?.string ?? "",
            backend: try json.member("backend")?.string ?? "", maxBatchSize: maxBatchSize, parameters: parameters)
    }
}
