internal import CKServe
internal import CProtobufC

/// `ModelInferRequest` and `ModelInferResponse` with raw tensor contents.
enum InferMessage {
    /// The message in parts, which together are byte for byte what tritonclient sends for the same request.
    ///
    /// The raw contents have the highest field number, so they come last, and their bytes need not go through
    /// protobuf-c, which would copy them twice.
    /// - Throws: `.invalidRequest` if a text holds a NUL or the message is too large for gRPC.
    static func encode(_ request: InferRequest) throws(TritonError) -> [[UInt8]] {
        var parts = [try encodeWithoutContents(request)]
        var byteCount = parts[0].count
        for input in request.inputs {
            let prefix = rawContentsPrefix(byteCount: input.bytes.count)
            parts.append(prefix)
            parts.append(input.bytes)
            byteCount += prefix.count + input.bytes.count
        }
        guard byteCount <= GRPCRequest.maximumMessageBytes else {
            throw .invalidRequest("\(byteCount) bytes, of which gRPC takes at most \(GRPCRequest.maximumMessageBytes)")
        }
        return parts
    }

    private static func encodeWithoutContents(_ request: InferRequest) throws(TritonError) -> [UInt8] {
        let arena = ProtobufArena()
        var inputs: [Inference__ModelInferRequest__InferInputTensor] = unsafe []
        for tensor in request.inputs {
            var input = unsafe Inference__ModelInferRequest__InferInputTensor()
            unsafe inference__model_infer_request__infer_input_tensor__init(&input)
            unsafe input.name = try unsafe arena.string(tensor.name)
            unsafe input.datatype = try unsafe arena.string(tensor.datatype.rawValue)
            unsafe input.n_shape = tensor.shape.count
            unsafe input.shape = arena.array(of: Int64.self, tensor.shape.map { Int64($0) })
            unsafe inputs.append(input)
        }
        var outputs: [Inference__ModelInferRequest__InferRequestedOutputTensor] = unsafe []
        for name in request.outputs {
            var output = unsafe Inference__ModelInferRequest__InferRequestedOutputTensor()
            unsafe inference__model_infer_request__infer_requested_output_tensor__init(&output)
            unsafe output.name = try unsafe arena.string(name)
            unsafe outputs.append(output)
        }
        var message = unsafe Inference__ModelInferRequest()
        unsafe inference__model_infer_request__init(&message)
        unsafe message.model_name = try unsafe arena.string(request.model)
        unsafe message.model_version = try unsafe arena.string(request.version ?? "")
        unsafe message.id = try unsafe arena.string(request.id)
        unsafe message.n_inputs = unsafe inputs.count
        unsafe message.inputs = arena.pointers(to: inputs)
        unsafe message.n_outputs = unsafe outputs.count
        unsafe message.outputs = arena.pointers(to: outputs)
        return withExtendedLifetime(arena) { unsafe ProtobufMessage.pack(&message) }
    }

    /// Tag and length of one `raw_input_contents`: field 7, length-delimited.
    private static func rawContentsPrefix(byteCount: Int) -> [UInt8] {
        var prefix: [UInt8] = [7 << 3 | 2]
        var rest = byteCount
        while rest >= 0x80 {
            prefix.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        prefix.append(UInt8(rest))
        return prefix
    }

    /// Takes a reply apart; `ReplyValidation` then compares it with the request.
    /// - Throws: `.invalidResponse`.
    static func decode(_ bytes: [UInt8]) throws(TritonError) -> InferResponse {
        try unsafe ProtobufMessage.unpack(
            bytes, with: inference__model_infer_response__unpack,
            free: inference__model_infer_response__free_unpacked
        ) { message throws(TritonError) in
            let contentCount = unsafe message.n_raw_output_contents
            guard unsafe contentCount == message.n_outputs else {
                throw unsafe .invalidResponse("\(contentCount) raw contents for \(message.n_outputs) outputs")
            }
            var outputs: [Tensor] = []
            for index in 0..<contentCount {
                guard let output = unsafe message.outputs[index]?.pointee else { continue }
                let name = try unsafe ProtobufMessage.string(output.name)
                guard let datatype = Datatype(rawValue: try unsafe ProtobufMessage.string(output.datatype)) else {
                    throw .invalidResponse("output '\(ReplyValidation.excerpt(name))' has an unknown datatype")
                }
                let content = unsafe message.raw_output_contents[index]
                outputs.append(
                    Tensor(
                        name: name, datatype: datatype,
                        shape: unsafe UnsafeBufferPointer(start: output.shape, count: output.n_shape).map { Int($0) },
                        bytes: unsafe Array(UnsafeBufferPointer(start: content.data, count: content.len))))
            }
            return InferResponse(
                model: try unsafe ProtobufMessage.string(message.model_name),
                version: try unsafe ProtobufMessage.string(message.model_version),
                id: try unsafe ProtobufMessage.string(message.id), outputs: outputs)
        }
    }
}
