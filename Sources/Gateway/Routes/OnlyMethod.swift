import HTTPTypes
import Hummingbird

extension HTTPRequest.Method {
    /// A safe request with a body. The name is a valid token, so the fallback is never taken.
    fileprivate static let query = HTTPRequest.Method("QUERY") ?? .trace
}

extension RouterMethods {
    /// A route that takes one method (and HEAD with GET), and answers 405 to every other: the router alone would say 404.
    func only(
        _ method: HTTPRequest.Method, _ path: RouterPath,
        use handler: @escaping @Sendable (Request, Context) async throws -> Response
    ) {
        on(path, method: method, use: handler)
        let others: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace, .query]
        let allowed = method == .get ? "GET, HEAD" : method.rawValue
        for other in others where other != method && !(other == .head && method == .get) {
            on(path, method: other) { _, _ -> Response in
                throw GatewayError(
                    .methodNotAllowed, "the route takes \(method.rawValue) only", allowedMethods: allowed)
            }
        }
    }
}
