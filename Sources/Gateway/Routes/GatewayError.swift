import TritonClient

/// Every way a request can fail, with the status, the code and the words that the caller gets.
///
/// Messages say what to do, and never repeat what the caller sent.
struct GatewayError: Error, Equatable, CustomStringConvertible {
    /// Machine-readable codes; each belongs to one status.
    enum Code: String, CaseIterable {
        case malformedRequest = "malformed_request"
        case malformedJSON = "malformed_json"
        case unauthorized
        case bodyTimeout = "body_timeout"
        case bodyTooLarge = "body_too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case missingText = "missing_text"
        case invalidText = "invalid_text"
        case unknownField = "unknown_field"
        case invalidBatch = "invalid_batch"
        case emptyText = "empty_text"
        case textTooLong = "text_too_long"
        case invalidArgument = "invalid_argument"
        case foreignOrigin = "foreign_origin"
        case overloaded
        case rateLimited = "rate_limited"
        case tooManyAtOnce = "too_many_at_once"
        case upstreamInvalid = "upstream_invalid"
        case upstreamUnavailable = "upstream_unavailable"
        case notReady = "not_ready"
        case shuttingDown = "shutting_down"
        case deadlineExceeded = "deadline_exceeded"
        case clientGone = "client_gone"
        case internalError = "internal_error"

        /// The HTTP status that goes with the code.
        var status: Int {
            switch self {
            case .malformedRequest, .malformedJSON: 400
            case .unauthorized: 401
            case .foreignOrigin: 403
            case .notFound: 404
            case .methodNotAllowed: 405
            case .bodyTimeout: 408
            case .bodyTooLarge: 413
            case .unsupportedMediaType: 415
            case .missingText, .invalidText, .unknownField, .invalidBatch, .emptyText, .textTooLong, .invalidArgument:
                422
            case .overloaded, .rateLimited, .tooManyAtOnce: 429
            // Nobody reads this one: the connection is gone. The number is nginx's, for the access log.
            case .clientGone: 499
            case .internalError: 500
            case .upstreamInvalid: 502
            case .upstreamUnavailable, .notReady, .shuttingDown: 503
            case .deadlineExceeded: 504
            }
        }
    }

    var code: Code
    var message: String
    /// Seconds for `Retry-After`.
    var retryAfter: Int?
    /// For `Allow`.
    var allowedMethods: String?

    /// As the command line prints it.
    var description: String { message }

    init(_ code: Code, _ message: String, retryAfter: Int? = nil, allowedMethods: String? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
        self.allowedMethods = allowedMethods
    }

    /// How a failed call to Triton looks to the caller.
    init(_ error: TritonError, model: String) {
        switch error {
        case .unreachable, .connectionLost:
            self.init(.upstreamUnavailable, "the inference server cannot be reached; try again", retryAfter: 2)
        case .deadlineExceeded:
            self.init(.deadlineExceeded, "the analysis did not finish in time; send a shorter text or try again later")
        case .cancelled:
            self.init(.clientGone, "the request was given up")
        case .shutDown:
            self.init(.shuttingDown, "the gateway is shutting down; try again", retryAfter: 5)
        case .server(.overloaded, _), .server(.unavailable, _), .server(.notFound, _):
            self.init(.upstreamUnavailable, "model \(model) cannot answer at present; try again", retryAfter: 2)
        case .server(let fault, _):
            self.init(.upstreamInvalid, "the inference server refused a request for model \(model) (\(fault.rawValue))")
        case .invalidResponse, .invalidRequest:
            self.init(.upstreamInvalid, "the inference server's answer for model \(model) was not valid")
        }
    }

    /// What the strict reader found wrong with a body.
    init(_ failure: StrictJSON.Failure) {
        self.init(.malformedJSON, "\(failure.reason.rawValue) (at byte \(failure.offset))")
    }
}
