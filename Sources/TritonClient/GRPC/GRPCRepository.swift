internal import CKServe
internal import CProtobufC

// Triton's model_repository extension over gRPC.

extension GRPCTransport: ModelRepositoryControl {
    public func repositoryIndex(deadline: ContinuousClock.Instant) async throws(TritonError) -> [RepositoryModel] {
        // No field set: every repository, and models in any state.
        try RepositoryMessages.decodeIndex(try await call(.repositoryIndex, [], deadline))
    }

    public func loadModel(_ model: String, deadline: ContinuousClock.Instant) async throws(TritonError) {
        _ = try await call(.repositoryModelLoad, [try Self.repositoryMessage(model)], deadline)
    }

    public func unloadModel(_ model: String, deadline: ContinuousClock.Instant) async throws(TritonError) {
        _ = try await call(.repositoryModelUnload, [try Self.repositoryMessage(model)], deadline)
    }

    private static func repositoryMessage(_ model: String) throws(TritonError) -> [UInt8] {
        try ReplyValidation.checkedPathPart(model, "model name")
        return try RepositoryMessages.encode(model)
    }
}

enum RepositoryMessages {
    /// `RepositoryModelLoadRequest` and `RepositoryModelUnloadRequest` have the same fields.
    /// - Throws: `.invalidRequest` if the name holds a NUL.
    static func encode(_ model: String) throws(TritonError) -> [UInt8] {
        let arena = ProtobufArena()
        var message = unsafe Inference__RepositoryModelLoadRequest()
        unsafe inference__repository_model_load_request__init(&message)
        unsafe message.model_name = try unsafe arena.string(model)
        return withExtendedLifetime(arena) { unsafe ProtobufMessage.pack(&message) }
    }

    static func decodeIndex(_ bytes: [UInt8]) throws(TritonError) -> [RepositoryModel] {
        try unsafe ProtobufMessage.unpack(
            bytes, with: inference__repository_index_response__unpack,
            free: inference__repository_index_response__free_unpacked
        ) { message throws(TritonError) in
            var models: [RepositoryModel] = []
            let entries = unsafe UnsafeBufferPointer(start: message.models, count: message.n_models)
            for index in 0..<entries.count {
                guard let entry = unsafe entries[index]?.pointee else { continue }
                models.append(
                    RepositoryModel(
                        name: try unsafe ProtobufMessage.string(entry.name),
                        version: try unsafe ProtobufMessage.string(entry.version),
                        state: try unsafe ProtobufMessage.string(entry.state),
                        reason: try unsafe ProtobufMessage.string(entry.reason)))
            }
            return models
        }
    }
}
