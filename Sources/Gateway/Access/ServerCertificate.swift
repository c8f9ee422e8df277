import Foundation
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// The certificate chain and key that the gateway shows, from two PEM files, read again when they change. Connections
/// that are open keep what they have; new ones get the new certificate.
final class ServerCertificate: ReloadableFile, Sendable {
    /// The two files' bytes; nil where a file cannot be read.
    private struct Pair: Sendable, Equatable {
        var chain: Data?
        var key: Data?

        init(_ files: (chain: String, key: String)) {
            chain = try? Data(contentsOf: URL(fileURLWithPath: files.chain))
            key = try? Data(contentsOf: URL(fileURLWithPath: files.key))
        }
    }

    private struct State {
        var chain: [NIOSSLCertificateSource]
        var key: NIOSSLPrivateKeySource
        /// The files' bytes last looked at, good or bad.
        var seen: Pair
    }

    private let files: (chain: String, key: String)
    private let logger: Logger
    private let state: Mutex<State>

    /// - Throws: `GatewayConfiguration.Invalid` when the files cannot be read or do not belong together.
    init(chain: String, key: String, logger: Logger) throws(GatewayConfiguration.Invalid) {
        files = (chain, key)
        self.logger = logger
        state = Mutex(try Self.load(Pair(files)))
    }

    /// What the server is to use.
    func configuration() -> TLSConfiguration {
        let (chain, key) = state.withLock { ($0.chain, $0.key) }
        var configuration = Self.configuration(chain, key)
        configuration.sslContextCallback = { [self] _, promise in
            var override = NIOSSLContextConfigurationOverride()
            state.withLock { (override.certificateChain, override.privateKey) = ($0.chain, $0.key) }
            promise.succeed(override)
        }
        return configuration
    }

    /// Takes the files if they have changed. Files that cannot be used, or that do not belong together (yet), leave the
    /// certificate as it was.
    func reload(isAsked: Bool) {
        let pair = Pair(files)
        guard isAsked || pair != state.withLock({ $0.seen }) else { return }
        do throws(GatewayConfiguration.Invalid) {
            let new = try Self.load(pair)
            state.withLock { $0 = new }
            logger.notice("certificate loaded", metadata: ["expires": "\(Self.expiry(new.chain))"])
        } catch {
            state.withLock { $0.seen = pair }
            logger.error("the certificate stays as it was", metadata: ["problem": "\(error)"])
        }
    }

    private static func load(_ pair: Pair) throws(GatewayConfiguration.Invalid) -> State {
        guard let chainBytes = pair.chain else { throw .init(key: "tls.certificate", problem: "cannot be read") }
        guard let keyBytes = pair.key else { throw .init(key: "tls.key", problem: "cannot be read") }
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(Array(chainBytes)), !certificates.isEmpty else {
            throw .init(key: "tls.certificate", problem: "holds no certificate in PEM form")
        }
        guard let key = try? NIOSSLPrivateKey(bytes: Array(keyBytes), format: .pem) else {
            throw .init(key: "tls.key", problem: "holds no private key in PEM form without a passphrase")
        }
        let state = State(chain: certificates.map { .certificate($0) }, key: .privateKey(key), seen: pair)
        guard (try? NIOSSLContext(configuration: configuration(state.chain, state.key))) != nil else {
            throw .init(key: "tls.key", problem: "does not belong to the first certificate of tls.certificate")
        }
        return state
    }

    private static func configuration(
        _ chain: [NIOSSLCertificateSource], _ key: NIOSSLPrivateKeySource
    ) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }

    private static func expiry(_ chain: [NIOSSLCertificateSource]) -> String {
        guard case .certificate(let certificate) = chain.first else { return "unknown" }
        return Date(timeIntervalSince1970: TimeInterval(certificate.notValidAfter)).formatted(.iso8601)
    }
}
