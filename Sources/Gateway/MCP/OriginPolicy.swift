/// Which web pages may speak to a route that programs use.
///
/// A page of any site can make a browser resolve that site's name to 127.0.0.1 and then talk to this gateway as if it
/// were its own server (DNS rebinding). The browser still says in `Origin` which page it is.
struct OriginPolicy: Sendable {
    /// The sites that the operator has named.
    var crossOrigin = CrossOrigin()

    private static let loopback = ["localhost", "127.0.0.1", "[::1]"]

    /// - Parameter origin: the header; programs send none.
    func check(_ origin: String?) throws(GatewayError) {
        guard let origin, !crossOrigin.contains(origin), !Self.isLoopback(origin) else { return }
        throw GatewayError(
            .foreignOrigin,
            "pages of this origin may not use the route; add it to cors.origins, or call from a program")
    }

    private static func isLoopback(_ origin: String) -> Bool {
        for scheme in ["http://", "https://"] where origin.utf8.starts(with: scheme.utf8) {
            let authority = origin.dropFirst(scheme.count)
            return loopback.contains { host in
                guard authority.utf8.starts(with: host.utf8) else { return false }
                let port = authority.utf8.dropFirst(host.utf8.count)
                return port.isEmpty
                    || (port.first == UInt8(ascii: ":")
                        && port.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            }
        }
        return false
    }
}
