internal import CCurl

/// KServe v2 over HTTP/1.1 with libcurl, tensors in the binary tensor data extension both ways.
///
/// One thread of its own drives all connections; they are re-used. The environment's proxy settings, redirects and
/// compressed replies are not followed.
public final class HTTPTransport: InferenceTransport {
    let calls: CurlLoop.Calls

    private static let libraryStatus = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    /// Nothing is sent before the first call.
    /// - Throws: `.unreachable` when the system has no thread or memory for it.
    init(endpoint: Endpoint, configuration: TransportConfiguration) throws(TritonError) {
        guard Self.libraryStatus == CURLE_OK, let multi = unsafe curl_multi_init() else {
            throw .unreachable("libcurl could not be initialised")
        }
        nonisolated(unsafe) let handle = unsafe multi
        calls = CallTable { unsafe curl_multi_wakeup(handle) }
        let started = IOThread.start { [calls] in
            unsafe CurlLoop(multi: handle, calls: calls, endpoint: endpoint, configuration: configuration).run()
        }
        guard started else {
            unsafe curl_multi_cleanup(multi)
            throw .unreachable("the system gives no thread for the transport")
        }
    }

    deinit {
        calls.beginShutdown()
    }

    public func shutdown() async {
        await calls.shutdown()
    }

    public func isServerLive(deadline: ContinuousClock.Instant) async throws(TritonError) -> Bool {
        try await isHealthy("v2/health/live", deadline)
    }

    public func isServerReady(deadline: ContinuousClock.Instant) async throws(TritonError) -> Bool {
        try await isHealthy("v2/health/ready", deadline)
    }

    public func isModelReady(
        _ model: String, version: String?, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> Bool {
        try await isHealthy(try Self.path(model, version) + "/ready", deadline)
    }

    public func serverMetadata(deadline: ContinuousClock.Instant) async throws(TritonError) -> ServerMetadata {
        try ServerMetadata(try await json("v2", deadline))
    }

    public func modelMetadata(
        _ model: String, version: String?, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> ModelMetadata {
        try ModelMetadata(try await json(try Self.path(model, version), deadline))
    }

    public func modelConfiguration(
        _ model: String, version: String?, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> ModelConfiguration {
        try ModelConfiguration(try await json(try Self.path(model, version) + "/config", deadline))
    }

    public func infer(
        _ request: InferRequest, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> InferResponse {
        try ReplyValidation.checked(request)
        let (body, jsonLength) = InferBody.encode(request)
        let path = try Self.path(request.model, request.version) + "/infer"
        let reply = try await calls.call(
            HTTPRequest(
                path: path, post: .init(body: body, jsonLength: jsonLength, traceParent: request.traceParent)),
            deadline: deadline)
        try reply.checkedStatus()
        return try ReplyValidation.checked(InferBody.decode(reply.body, jsonLength: reply.jsonLength), for: request)
    }

    // MARK: Pieces

    private static func path(_ model: String, _ version: String?) throws(TritonError) -> String {
        try ReplyValidation.checkedPathPart(model, "model name")
        guard let version else { return "v2/models/\(model)" }
        try ReplyValidation.checkedPathPart(version, "version")
        return "v2/models/\(model)/versions/\(version)"
    }

    /// Triton answers 400 for 'not ready' (its newer versions 503) and for an unknown model.
    private func isHealthy(_ path: String, _ deadline: ContinuousClock.Instant) async throws(TritonError) -> Bool {
        let reply = try await calls.call(HTTPRequest(path: path), deadline: deadline)
        switch reply.status {
        case 400, 404, 503: return false
        default:
            try reply.checkedStatus()
            return true
        }
    }

    private func json(_ path: String, _ deadline: ContinuousClock.Instant) async throws(TritonError) -> JSONValue {
        let reply = try await calls.call(HTTPRequest(path: path), deadline: deadline)
        try reply.checkedStatus()
        return try InferBody.json(reply.body[...])
    }
}
