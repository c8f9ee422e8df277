import HummingbirdCore
import HummingbirdTLS
import Logging

/// What stands between the network and the routes: keys, certificate, and other sites' pages. Made from the
/// configuration before anything listens, so that what cannot be used ends the program with one line.
struct Edge: Sendable {
    /// Nil in open mode, where nobody is asked for a key.
    var keys: KeyStore?
    /// Nil where the gateway speaks plain HTTP.
    var certificate: ServerCertificate?
    var crossOrigin = CrossOrigin()

    /// Open, without TLS, closed to other sites: for tests.
    init() {}

    /// - Throws: `Invalid` where a file cannot be used, and where a gateway without keys could be reached from elsewhere.
    init(_ configuration: GatewayConfiguration, logger: Logger) throws(GatewayConfiguration.Invalid) {
        let chain = configuration.tlsCertificate
        let key = configuration.tlsKey
        guard chain.isEmpty == key.isEmpty else {
            throw .init(
                key: chain.isEmpty ? "tls.certificate" : "tls.key",
                problem: "is missing; TLS needs both tls.certificate and tls.key")
        }
        if !chain.isEmpty { certificate = try ServerCertificate(chain: chain, key: key, logger: logger) }
        crossOrigin = try CrossOrigin(list: configuration.corsOrigins)
        if !configuration.keysFile.isEmpty {
            let store = KeyStore(path: configuration.keysFile, logger: logger)
            do {
                try store.load()
            } catch {
                throw .init(key: "auth.keys_file", problem: "\(error)")
            }
            keys = store
        } else if !Self.isLoopback(configuration.host) {
            throw .init(
                key: "auth.keys_file",
                problem: "is not set, and a gateway without keys listens on loopback only, not on "
                    + "\(configuration.host); make a key with `gateway keys create NAME --file keys.json` and set "
                    + "AUTH_KEYS_FILE=keys.json, or set GATEWAY_HOST=127.0.0.1")
        }
    }

    /// The files to read again when they change.
    var files: [any ReloadableFile] {
        ([keys, certificate] as [(any ReloadableFile)?]).compactMap { $0 }
    }

    /// The server, behind TLS where there is a certificate.
    func server(_ plain: HTTPServerBuilder) -> HTTPServerBuilder {
        guard let certificate else { return plain }
        do {
            return try .tls(plain, tlsConfiguration: certificate.configuration())
        } catch {
            // Never plain HTTP instead: the program ends when it tries to listen.
            return HTTPServerBuilder { _ in throw error }
        }
    }

    /// Whether only this machine reaches an address. A name other than `localhost` could mean anything.
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
