import HTTPTypes
import Hummingbird
import Logging

/// Around every request: the request id and the trace, errors as JSON, headers that belong on every reply, one access log
/// line, and the metrics of requests.
///
/// The log names method, route, status, sizes and time; never a body, and never a path as sent.
struct EnvelopeMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    let metrics: GatewayMetrics
    var securityHeaders = SecurityHeaders()
    var crossOrigin = CrossOrigin()

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = RequestID.accept(request.headers[Self.requestID])
        let trace = TraceContext.continuing(request.headers[Self.traceParent])
        var code: String?
        var response: Response
        do {
            response = try await TraceContext.$current.withValue(trace) { try await next(request, context) }
        } catch {
            let failure = Self.classify(error)
            code = failure.code.rawValue
            response =
                try (error as? any RenderedFailure)?.response() ?? Response(failure, requestID: context.requestID)
            if failure.code == .internalError {
                context.logger.error("unexpected error", metadata: ["type": "\(type(of: error))"])
            }
        }
        response.headers[Self.requestID] = context.requestID
        securityHeaders.add(to: &response.headers)
        crossOrigin.addHeaders(to: &response.headers, origin: request.headers[.origin])
        let duration = context.arrival.duration(to: .now)
        let notes = context.notes.content
        let timings = (notes.timings?.serverTiming ?? []) + ["total;dur=\(duration.milliseconds)"]
        response.headers[Self.serverTiming] = timings.joined(separator: ", ")
        // The framework has a word of its own for a route that does not exist.
        let route = context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "none"
        metrics.answered(route: route, status: response.status.code, code: code ?? "ok", after: duration)
        var fields: Logger.Metadata = [
            "request_id": "\(context.requestID)", "method": "\(request.method.rawValue)", "route": "\(route)",
            "status": "\(response.status.code)", "code": "\(code ?? "ok")", "milliseconds": "\(duration.milliseconds)",
        ]
        if let trace { fields["trace_id"] = "\(trace.traceID)" }
        if let key = notes.keyID { fields["key"] = "\(key)" }
        if let words = notes.words { fields["words"] = "\(words)" }
        if let tokens = notes.tokens { fields["tokens"] = "\(tokens)" }
        if let version = notes.scoringVersion { fields["scoring_version"] = "\(version)" }
        if let versions = notes.modelVersions { fields["model_versions"] = "\(versions)" }
        if notes.isDegraded { fields["degraded"] = "true" }
        context.logger.info("request", metadata: fields)
        return response
    }

    // The names are valid tokens, so the fallbacks are never taken.
    static let requestID = HTTPField.Name("X-Request-Id") ?? .from
    static let traceParent = HTTPField.Name("traceparent") ?? .from
    static let serverTiming = HTTPField.Name("Server-Timing") ?? .from

    /// What an error of the framework or of ours means for the caller.
    private static func classify(_ error: any Error) -> GatewayError {
        switch error {
        case let error as GatewayError: return error
        case let error as any RenderedFailure: return error.failure
        case let error as HTTPError where error.status == .notFound:
            return GatewayError(.notFound, "no such route; POST /v1/analyze analyses a text")
        case let error as HTTPError where error.status == .methodNotAllowed:
            return GatewayError(.methodNotAllowed, "the route does not take this method")
        case is CancellationError: return GatewayError(.clientGone, "the request was given up")
        default: return GatewayError(.internalError, "an unexpected error; the log has its type")
        }
    }
}
