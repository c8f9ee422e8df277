/// Everything that can go wrong with a call, closed so that callers can switch over it.
///
/// Messages are for operators: they name hosts, models and lengths, never tensor contents.
public enum TritonError: Error, Sendable, Equatable {
    /// No connection (refused, no such host, TLS refused): the server surely did not see the request.
    case unreachable(String)
    /// The connection broke after the request was, at least in part, sent.
    case connectionLost(String)
    case deadlineExceeded
    /// The calling task was cancelled.
    case cancelled
    /// The transport was shut down.
    case shutDown
    /// The server answered with an error of its own.
    case server(ServerFault, message: String)
    /// The reply breaks the protocol or does not fit the request.
    case invalidResponse(String)
    /// The request cannot be sent as it is (byte count does not fit the shape, empty model name).
    case invalidRequest(String)
}

/// What the server's error status says, the same for HTTP and gRPC.
public enum ServerFault: String, Sendable, Equatable {
    /// HTTP 400, INVALID_ARGUMENT, OUT_OF_RANGE, FAILED_PRECONDITION.
    case invalidArgument = "invalid_argument"
    /// HTTP 404, NOT_FOUND.
    case notFound = "not_found"
    /// HTTP 401 or 403, UNAUTHENTICATED, PERMISSION_DENIED.
    case denied
    /// HTTP 429, RESOURCE_EXHAUSTED.
    case overloaded
    /// HTTP 503, UNAVAILABLE as the server's own answer.
    case unavailable
    /// HTTP 501, UNIMPLEMENTED.
    case unimplemented
    /// Any other error status.
    case internalError = "internal_error"
}
