/// KServe v2 over gRPC with C core, tensors as raw contents both ways.
///
/// A name with several addresses, such as a headless service of Kubernetes, is several servers: each call goes to the
/// next one that is connected. Names are looked up again when a connection ends.
///
/// One thread of its own starts, cancels and completes every call; C core keeps the connection and renews it. While the
/// server cannot be reached, calls fail at once with `.unreachable`; they go through again within about
/// `reconnectBackoffMaximum` of its return.
public final class GRPCTransport: InferenceTransport {
    private let calls: GRPCLoop.Calls

    /// Nothing is sent before the first call.
    /// - Throws: `.unreachable` when the CA file cannot be read, or the system has no thread or memory for it.
    convenience init(endpoint: Endpoint, configuration: TransportConfiguration) throws(TritonError) {
        let host = endpoint.host.utf8.contains(UInt8(ascii: ":")) ? "[\(endpoint.host)]" : endpoint.host
        try self.init(
            target: "dns:///\(host):\(endpoint.port)", usesTLS: endpoint.usesTLS, configuration: configuration)
    }

    /// - Parameter target: see `GRPCChannel`.
    init(target: String, usesTLS: Bool, configuration: TransportConfiguration) throws(TritonError) {
        let channel = try GRPCChannel(target: target, usesTLS: usesTLS, configuration: configuration)
        guard let queue = CompletionQueue() else { throw .unreachable("gRPC gives no completion queue") }
        nonisolated(unsafe) let wakeCall = unsafe queue.wakeCall
        calls = CallTable { unsafe CompletionQueue.wake(wakeCall) }
        let started = IOThread.start { [calls] in
            GRPCLoop(calls: calls, configuration: configuration).run(queue: queue, channel: channel)
        }
        guard started else { throw .unreachable("the system gives no thread for the transport") }
    }

    deinit {
        calls.beginShutdown()
    }

    public func shutdown() async {
        await calls.shutdown()
    }

    public func isServerLive(deadline: ContinuousClock.Instant) async throws(TritonError) -> Bool {
        try await isHealthy(.serverLive, [], deadline, MetadataMessages.decodeServerLive)
    }

    public func isServerReady(deadline: ContinuousClock.Instant) async throws(TritonError) -> Bool {
        try await isHealthy(.serverReady, [], deadline, MetadataMessages.decodeServerReady)
    }

    public func isModelReady(
        _ model: String, version: String?, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> Bool {
        try await isHealthy(
            .modelReady, try Self.message(model, version), deadline, MetadataMessages.decodeModelReady)
    }

    public func serverMetadata(deadline: ContinuousClock.Instant) async throws(TritonError) -> ServerMetadata {
        try MetadataMessages.decodeServerMetadata(try await call(.serverMetadata, [], deadline))
    }

    public func modelMetadata(
        _ model: String, version: String?, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> ModelMetadata {
        try MetadataMessages.decodeModelMetadata(
            try await call(.modelMetadata, [try Self.message(model, version)], deadline))
    }

    public func modelConfiguration(
        _ model: String, version: String?, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> ModelConfiguration {
        try MetadataMessages.decodeModelConfiguration(
            try await call(.modelConfig, [try Self.message(model, version)], deadline))
    }

    public func infer(
        _ request: InferRequest, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> InferResponse {
        try ReplyValidation.checked(request)
        let reply = try await call(.modelInfer, try InferMessage.encode(request), deadline, request.traceParent)
        return try ReplyValidation.checked(InferMessage.decode(reply), for: request)
    }

    // MARK: Pieces

    private static func message(_ model: String, _ version: String?) throws(TritonError) -> [UInt8] {
        try ReplyValidation.checkedPathPart(model, "model name")
        if let version { try ReplyValidation.checkedPathPart(version, "version") }
        return try MetadataMessages.encodeModel(model, version: version)
    }

    func call(
        _ method: GRPCMethod, _ parts: [[UInt8]], _ deadline: ContinuousClock.Instant,
        _ traceParent: String? = nil
    ) async throws(TritonError) -> [UInt8] {
        let request = GRPCRequest(method: method, parts: parts, traceParent: traceParent)
        return try await calls.call(request, deadline: deadline).message
    }

    /// Triton answers NOT_FOUND or UNAVAILABLE for an unknown model or version, where HTTP has 400.
    private func isHealthy(
        _ method: GRPCMethod, _ message: [UInt8], _ deadline: ContinuousClock.Instant,
        _ decode: ([UInt8]) throws(TritonError) -> Bool
    ) async throws(TritonError) -> Bool {
        do throws(TritonError) {
            return try decode(try await call(method, [message], deadline))
        } catch .server(.invalidArgument, _), .server(.notFound, _), .server(.unavailable, _) {
            return false
        }
    }
}
