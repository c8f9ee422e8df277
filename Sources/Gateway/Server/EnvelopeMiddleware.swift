import HTTPTypes
import Hummingbird
import Logging

/// Around every request: the request id, errors as JSON, headers that belong on every reply, one access log line.
///
/// The log names method, route, status, bytes and time; never a body, and never a path as sent.
struct EnvelopeMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = RequestID.accept(request.headers[Self.requestID])
        var code: String?
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let failure = Self.classify(error)
            code = failure.code.rawValue
            response = Response(failure, requestID: context.requestID)
            if failure.code == .internalError {
                context.logger.error("unexpected error", metadata: ["type": "\(type(of: error))"])
            }
        }
        response.headers[Self.requestID] = context.requestID
        response.headers[.cacheControl] = "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        context.logger.info(
            "request",
            metadata: [
                "request_id": "\(context.requestID)", "method": "\(request.method.rawValue)",
                "route": "\(context.endpointPath ?? "none")", "status": "\(response.status.code)",
                "code": "\(code ?? "ok")",
                "milliseconds": "\(context.arrival.duration(to: .now).milliseconds)",
            ])
        return response
    }

    /// The name is a valid token, so the fallback is never taken.
    static let requestID = HTTPField.Name("X-Request-Id") ?? .from

    /// What an error of the framework or of ours means for the caller.
    private static func classify(_ error: any Error) -> GatewayError {
        switch error {
        case let error as GatewayError: return error
        case let error as HTTPError where error.status == .notFound:
            return GatewayError(.notFound, "no such route; POST /v1/analyze analyses a text")
        case let error as HTTPError where error.status == .methodNotAllowed:
            return GatewayError(.methodNotAllowed, "the route does not take this method")
        case is CancellationError: return GatewayError(.clientGone, "the request was given up")
        default: return GatewayError(.internalError, "an unexpected error; the log has its type")
        }
    }
}
