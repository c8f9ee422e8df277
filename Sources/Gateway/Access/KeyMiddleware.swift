import HTTPTypes
import Hummingbird

/// Asks every request for a key but those for `OpenRoutes`, before anything of its body is read.
struct KeyMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    let keys: KeyStore
    let openRoutes: OpenRoutes

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard !openRoutes.contains(context.endpointPath) else { return try await next(request, context) }
        let place = try keys.admit(Self.presented(in: request.headers))
        defer { place.release() }
        context.notes.note(keyID: place.id)
        var context = context
        context.key = place
        return try await next(request, context)
    }

    /// The key of a request: the bearer token, else the header of its own. Never from the URL, which ends up in logs.
    private static func presented(in headers: HTTPFields) -> String? {
        if let authorization = headers[.authorization] {
            let parts = authorization.split(separator: " ", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "bearer" { return String(parts[1]) }
        }
        return headers[apiKey]
    }

    /// The name is a valid token, so the fallback is never taken.
    static let apiKey = HTTPField.Name("X-API-Key") ?? .authorization
}

/// The routes that need no key. Every other one does, those that do not exist included.
struct OpenRoutes: Sendable {
    private var paths: Set<String>

    /// - Parameter isMetricsOpen: whether `/metrics` may be read by anybody who can connect.
    init(isMetricsOpen: Bool) {
        paths = Self.always
        if isMetricsOpen { paths.insert("/metrics") }
    }

    /// - Parameter route: the route as it was declared; nil where there is none for the path.
    func contains(_ route: String?) -> Bool {
        guard let route else { return false }
        return paths.contains(route) || route.hasPrefix("/web/")
    }

    /// What says nothing but what is public: liveness, the interface's description, the privacy policy, and the web
    /// page, which asks for a key itself and loads its files from `/web/`.
    static let always: Set<String> = [
        "/", "/health/live", "/health/ready", "/openapi.json", "/openapi.yaml", "/openapi-action.json", "/docs",
        "/docs.css", "/privacy",
    ]
}
