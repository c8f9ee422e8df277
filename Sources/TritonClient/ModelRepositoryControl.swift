/// Triton's model_repository extension: what lies in the server's repository, and loading and unloading it.
///
/// Deadline, cancellation, errors and shutdown are as `InferenceTransport` has them; both transports conform. A server
/// takes `loadModel` and `unloadModel` only in its explicit model control mode, and says so otherwise, as `.server`.
public protocol ModelRepositoryControl: Sendable {
    /// Every version of every model that the server knows of, in the server's order. A model that was never loaded is
    /// listed once, with its name alone.
    func repositoryIndex(deadline: ContinuousClock.Instant) async throws(TritonError) -> [RepositoryModel]

    /// Loads the model, or loads it anew with what its folder holds now; the versions that its version policy names.
    /// Returns when it is ready. A model that cannot be loaded anew stays as it was.
    func loadModel(_ model: String, deadline: ContinuousClock.Instant) async throws(TritonError)

    /// Asks for every version of the model to be unloaded; requests in flight are still answered.
    func unloadModel(_ model: String, deadline: ContinuousClock.Instant) async throws(TritonError)
}

/// One version of a model in the server's repository.
public struct RepositoryModel: Sendable, Equatable {
    public var name: String
    /// Empty for a model that was never loaded.
    public var version: String
    /// `READY`, `UNAVAILABLE`, `LOADING`, `UNLOADING`; empty for a model that was never loaded. As on the wire, since a
    /// server may know states that we do not.
    public var state: String
    /// Why it is in its state, in the server's words; often empty.
    public var reason: String

    public init(name: String, version: String, state: String, reason: String) {
        self.name = name
        self.version = version
        self.state = state
        self.reason = reason
    }
}
