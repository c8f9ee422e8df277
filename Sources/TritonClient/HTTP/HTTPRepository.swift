// Triton's model_repository extension over HTTP.

extension HTTPTransport: ModelRepositoryControl {
    public func repositoryIndex(deadline: ContinuousClock.Instant) async throws(TritonError) -> [RepositoryModel] {
        let reply = try await post("v2/repository/index", deadline)
        guard let entries = try InferBody.json(reply.body[...]).array else {
            throw .invalidResponse("the repository index is no JSON array")
        }
        var models: [RepositoryModel] = []
        for entry in entries { models.append(try RepositoryModel(entry)) }
        return models
    }

    public func loadModel(_ model: String, deadline: ContinuousClock.Instant) async throws(TritonError) {
        try ReplyValidation.checkedPathPart(model, "model name")
        _ = try await post("v2/repository/models/\(model)/load", deadline)
    }

    public func unloadModel(_ model: String, deadline: ContinuousClock.Instant) async throws(TritonError) {
        try ReplyValidation.checkedPathPart(model, "model name")
        _ = try await post("v2/repository/models/\(model)/unload", deadline)
    }

    /// Posts an empty JSON object: nothing but the path is asked for.
    private func post(_ path: String, _ deadline: ContinuousClock.Instant) async throws(TritonError) -> HTTPReply {
        let reply = try await calls.call(
            HTTPRequest(path: path, post: .init(body: Array("{}".utf8), jsonLength: nil)), deadline: deadline)
        try reply.checkedStatus()
        return reply
    }
}

extension RepositoryModel {
    init(_ json: JSONValue) throws(TritonError) {
        self.init(
            name: try json.requiredString("name"), version: try json.member("version")?.string ?? "",
            state: try json.member("state")?.string ?? "", reason: try json.member("reason")?.string ?? "")
    }
}
