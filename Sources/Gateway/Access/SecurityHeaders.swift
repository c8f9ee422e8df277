import HTTPTypes

/// The headers that belong on every reply, whatever its route says; a route that has set one of the first three itself
/// (the web page allows its own script) keeps it.
struct SecurityHeaders: Sendable, Equatable {
    /// Whether the gateway itself ends TLS; then browsers are told to stay with it.
    var isTLS = false

    func add(to headers: inout HTTPFields) {
        headers[.cacheControl] = headers[.cacheControl] ?? "no-store"
        headers[.contentSecurityPolicy] =
            headers[.contentSecurityPolicy] ?? "default-src 'none'; frame-ancestors 'none'"
        headers[Self.referrerPolicy] = headers[Self.referrerPolicy] ?? "no-referrer"
        headers[.xContentTypeOptions] = "nosniff"
        if isTLS { headers[.strictTransportSecurity] = "max-age=31536000" }
    }

    /// The name is a valid token, so the fallback is never taken.
    private static let referrerPolicy = HTTPField.Name("Referrer-Policy") ?? .contentSecurityPolicy
}
