internal import CKServe
internal import CProtobufC

/// The messages that are not inferences. Requests without fields are empty.
enum MetadataMessages {
    /// `ModelReadyRequest`, `ModelMetadataRequest` and `ModelConfigRequest` have the same fields.
    /// - Throws: `.invalidRequest` if a text holds a NUL.
    static func encodeModel(_ model: String, version: String?) throws(TritonError) -> [UInt8] {
        let arena = ProtobufArena()
        var message = unsafe Inference__ModelReadyRequest()
        unsafe inference__model_ready_request__init(&message)
        unsafe message.name = try unsafe arena.string(model)
        unsafe message.version = try unsafe arena.string(version ?? "")
        return withExtendedLifetime(arena) { unsafe ProtobufMessage.pack(&message) }
    }

    static func decodeServerLive(_ bytes: [UInt8]) throws(TritonError) -> Bool {
        try unsafe ProtobufMessage.unpack(
            bytes, with: inference__server_live_response__unpack, free: inference__server_live_response__free_unpacked
        ) { message in unsafe message.live != 0 }
    }

    static func decodeServerReady(_ bytes: [UInt8]) throws(TritonError) -> Bool {
        try unsafe ProtobufMessage.unpack(
            bytes, with: inference__server_ready_response__unpack,
            free: inference__server_ready_response__free_unpacked
        ) { message in unsafe message.ready != 0 }
    }

    static func decodeModelReady(_ bytes: [UInt8]) throws(TritonError) -> Bool {
        try unsafe ProtobufMessage.unpack(
            bytes, with: inference__model_ready_response__unpack, free: inference__model_ready_response__free_unpacked
        ) { message in unsafe message.ready != 0 }
    }

    static func decodeServerMetadata(_ bytes: [UInt8]) throws(TritonError) -> ServerMetadata {
        try unsafe ProtobufMessage.unpack(
            bytes, with: inference__server_metadata_response__unpack,
            free: inference__server_metadata_response__free_unpacked
        ) { message throws(TritonError) in
            ServerMetadata(
                name: try unsafe ProtobufMessage.string(message.name),
                version: try unsafe ProtobufMessage.string(message.version),
                extensions: try unsafe strings(message.extensions, message.n_extensions))
        }
    }

    static func decodeModelMetadata(_ bytes: [UInt8]) throws(TritonError) -> ModelMetadata {
        try unsafe ProtobufMessage.unpack(
            bytes, with: inference__model_metadata_response__unpack,
            free: inference__model_metadata_response__free_unpacked
        ) { message throws(TritonError) in
            ModelMetadata(
                name: try unsafe ProtobufMessage.string(message.name),
                versions: try unsafe strings(message.versions, message.n_versions),
                platform: try unsafe ProtobufMessage.string(message.platform),
                inputs: try unsafe tensors(message.inputs, message.n_inputs),
                outputs: try unsafe tensors(message.outputs, message.n_outputs))
        }
    }

    static func decodeModelConfiguration(_ bytes: [UInt8]) throws(TritonError) -> ModelConfiguration {
        try unsafe ProtobufMessage.unpack(
            bytes, with: inference__model_config_response__unpack,
            free: inference__model_config_response__free_unpacked
        ) { message throws(TritonError) in
            guard let config = unsafe message.config?.pointee else {
                throw .invalidResponse("the reply has no configuration")
            }
            guard unsafe config.max_batch_size >= 0 else { throw .invalidResponse("max_batch_size is below 0") }
            return ModelConfiguration(
                name: try unsafe ProtobufMessage.string(config.name),
                platform: try unsafe ProtobufMessage.string(config.platform),
                backend: try unsafe ProtobufMessage.string(config.backend),
                maxBatchSize: unsafe Int(config.max_batch_size),
                parameters: try unsafe parameters(config.parameters, config.n_parameters))
        }
    }

    // MARK: Pieces

    private static func strings(
        _ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ count: Int
    ) throws(TritonError) -> [String] {
        var strings: [String] = []
        let texts = unsafe UnsafeBufferPointer(start: list, count: count)
        for index in 0..<count {
            strings.append(try unsafe ProtobufMessage.string(texts[index]))
        }
        return strings
    }

    private static func tensors(
        _ list: UnsafeMutablePointer<UnsafeMutablePointer<Inference__ModelMetadataResponse__TensorMetadata>?>?,
        _ count: Int
    ) throws(TritonError) -> [TensorMetadata] {
        var tensors: [TensorMetadata] = []
        let messages = unsafe UnsafeBufferPointer(start: list, count: count)
        for index in 0..<count {
            guard let tensor = unsafe messages[index]?.pointee else { continue }
            tensors.append(
                TensorMetadata(
                    name: try unsafe ProtobufMessage.string(tensor.name),
                    datatype: try unsafe ProtobufMessage.string(tensor.datatype),
                    shape: unsafe UnsafeBufferPointer(start: tensor.shape, count: tensor.n_shape).map { Int($0) }))
        }
        return tensors
    }

    private static func parameters(
        _ list: UnsafeMutablePointer<UnsafeMutablePointer<Inference__ModelConfig__ParametersEntry>?>?, _ count: Int
    ) throws(TritonError) -> [String: String] {
        var entries: [(name: String, value: String)] = []
        let messages = unsafe UnsafeBufferPointer(start: list, count: count)
        for index in 0..<count {
            guard let entry = unsafe messages[index]?.pointee else { continue }
            entries.append(
                (
                    try unsafe ProtobufMessage.string(entry.key),
                    try unsafe ProtobufMessage.string(entry.value?.pointee.string_value)
                ))
        }
        return try ReplyValidation.parameters(entries)
    }
}
