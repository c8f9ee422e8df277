import HTTPTypes
import Hummingbird

/// Which other sites' pages may call the gateway from a browser: none, unless the configuration lists them.
///
/// No cookies and no stored credentials are ever allowed, so a page can only use a key that its reader has given it.
struct CrossOrigin: Sendable, Equatable {
    /// `scheme://host[:port]`, compared as written.
    private let origins: Set<String>

    /// No site.
    init() {
        origins = []
    }

    /// - Parameter list: origins, separated by commas.
    init(list: String) throws(GatewayConfiguration.Invalid) {
        let entries = list.split(separator: ",").map { String($0).replacing(" ", with: "") }
        guard entries.allSatisfy(Self.isOrigin) else {
            throw .init(
                key: "cors.origins",
                problem: "must be origins such as https://essays.example.org, separated by commas; "
                    + "no path, no wildcard")
        }
        origins = Set(entries)
    }

    func contains(_ origin: String) -> Bool { origins.contains(origin) }

    /// The headers for a reply to a page of an allowed origin.
    /// - Parameter origin: the request's `Origin`.
    func addHeaders(to headers: inout HTTPFields, origin: String?) {
        guard !origins.isEmpty else { return }
        headers.append(HTTPField(name: .vary, value: "Origin"))
        guard let origin, origins.contains(origin) else { return }
        headers[.accessControlAllowOrigin] = origin
        headers[.accessControlExposeHeaders] = "X-Request-Id, Retry-After, Server-Timing, WWW-Authenticate"
    }

    /// The answer to a browser that asks before it sends; nil for any other request.
    func preflightReply(to request: Request) -> Response? {
        guard request.method == .options, request.headers[.accessControlRequestMethod] != nil,
            let origin = request.headers[.origin], origins.contains(origin)
        else { return nil }
        var headers = HTTPFields()
        headers[.accessControlAllowMethods] = "GET, POST"
        headers[.accessControlAllowHeaders] =
            "Authorization, Content-Type, X-API-Key, X-Request-Id, traceparent, Mcp-Protocol-Version, Mcp-Method, Mcp-Name"
        headers[.accessControlMaxAge] = "600"
        return Response(status: .noContent, headers: headers)
    }

    /// Whether a text is an origin as browsers send it: a scheme, a host, perhaps a port, and nothing after them.
    private static func isOrigin(_ text: String) -> Bool {
        let scheme = ["https://", "http://"].first { text.hasPrefix($0) }
        guard let scheme else { return false }
        let rest = text.dropFirst(scheme.count)
        return !rest.isEmpty && rest == rest.lowercased()
            && rest.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            }
    }
}

/// Answers browsers that ask before they send: without a key, which they do not have yet.
struct PreflightMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    let crossOrigin: CrossOrigin

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        if let reply = crossOrigin.preflightReply(to: request) { return reply }
        return try await next(request, context)
    }
}
