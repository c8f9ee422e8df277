/// A way to a KServe v2 (Open Inference Protocol) server.
///
/// The contract, which one shared test suite holds every implementation to:
///
/// - **Deadline.** Every call names an instant of the monotonic clock. It covers connecting, sending, waiting and the
///   whole reply body. At the latest shortly after it the call throws `.deadlineExceeded` and the wire call is
///   aborted; a deadline 1 ms ahead is 1 ms ahead, one in the past throws without touching the network.
/// - **Cancellation.** When the calling task is cancelled, the wire call is aborted and `.cancelled` is thrown without
///   waiting for the server.
/// - **Errors.** Only `TritonError`. `.unreachable` means that the server surely did not process the request;
///   `.connectionLost` that it may have. A reply that does not parse, or whose lengths, shapes or types do not fit
///   together, is `.invalidResponse`, never a partly filled value.
/// - **Shutdown.** `shutdown()` ends every call in flight with `.shutDown` and returns when the transport's thread
///   and sockets are gone; calls made later throw `.shutDown` at once. Calling it twice is allowed. A transport must
///   be shut down before it is released.
/// - **Concurrency.** All methods may be called from any task at once; none blocks the calling thread.
public protocol InferenceTransport: Sendable {
    /// Whether the server process answers at all (`v2/health/live`).
    func isServerLive(deadline: ContinuousClock.Instant) async throws(TritonError) -> Bool

    /// Whether every model is loaded (`v2/health/ready`).
    func isServerReady(deadline: ContinuousClock.Instant) async throws(TritonError) -> Bool

    /// Whether one model can answer. An unknown model is `false`, not an error.
    /// - Parameter version: nil lets the server's version policy choose.
    func isModelReady(
        _ model: String, version: String?, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> Bool

    /// The server's name, version and extensions.
    func serverMetadata(deadline: ContinuousClock.Instant) async throws(TritonError) -> ServerMetadata

    /// The model's versions and its tensors' names, types and dimensions (-1 = any).
    func modelMetadata(
        _ model: String, version: String?, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> ModelMetadata

    /// The part of `config.pbtxt`, as the server completed it, that a client needs.
    func modelConfiguration(
        _ model: String, version: String?, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> ModelConfiguration

    /// Runs one inference, in the trace that the request names, if any. The reply holds each requested output exactly once, its byte length checked against
    /// shape and type.
    func infer(
        _ request: InferRequest, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> InferResponse

    /// Ends every call and releases threads and sockets.
    func shutdown() async
}
