import Crypto
import Foundation
import Logging
import Synchronization

/// The keys that are good at present, what each may do and what it is doing.
///
/// Without a usable file nobody is let in: a store that was never loaded refuses every key.
final class KeyStore: ReloadableFile, Sendable {
    /// The time, for tests to choose. Limits go by the monotonic clock; only `not_before` and `expires` are wall time.
    struct Clock: Sendable {
        var instant: @Sendable () -> ContinuousClock.Instant = { .now }
        var date: @Sendable () -> Date = { .now }
    }

    private struct Key {
        var entry: KeyFile.Entry
        var digest: [UInt8]
        var bucket: TokenBucket?
        var inFlight = 0
    }

    private struct State {
        var keys: [String: Key] = [:]
        /// The bytes last looked at, good or bad; nil where there were none.
        var seen: Data?
    }

    private let path: String
    private let clock: Clock
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter path: of a `KeyFile`. Nothing is read yet.
    init(path: String, clock: Clock = Clock(), logger: Logger) {
        self.path = path
        self.clock = clock
        self.logger = logger
    }

    // MARK: - The file

    /// Reads the file for the first time.
    func load() throws(KeyFile.Invalid) {
        let data = read()
        install(try KeyFile(data), data)
    }

    /// Takes the file's keys if it has changed. A file that cannot be used leaves the keys as they were.
    /// - Parameter isAsked: by SIGHUP; then what came of it is logged in any case.
    func reload(isAsked: Bool) {
        let data = read()
        guard isAsked || data != state.withLock({ $0.seen }) else { return }
        do throws(KeyFile.Invalid) {
            let file = try KeyFile(data)
            install(file, data)
            logger.notice("keys loaded", metadata: ["keys": "\(file.keys.count)"])
        } catch {
            state.withLock { $0.seen = data }
            logger.error("the keys file cannot be used; the keys stay as they were", metadata: ["problem": "\(error)"])
        }
    }

    private func read() -> Data? {
        try? Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// What a key that stays is doing, and how much of its rate it has used, stays with it.
    private func install(_ file: KeyFile, _ data: Data?) {
        let now = clock.instant()
        state.withLock { state in
            let old = state.keys
            state.seen = data
            state.keys = Dictionary(
                uniqueKeysWithValues: file.keys.map { entry in
                    let before = old[entry.id]
                    let bucket = entry.ratePerMinute.map { rate in
                        before?.bucket.flatMap { $0.perMinute == rate ? $0 : nil }
                            ?? TokenBucket(perMinute: rate, now: now)
                    }
                    let key = Key(
                        entry: entry, digest: Hexadecimal.bytes(entry.sha256) ?? [], bucket: bucket,
                        inFlight: before?.inFlight ?? 0)
                    return (entry.id, key)
                })
        }
    }

    // MARK: - Requests

    /// Lets a request in.
    /// - Parameter presented: the key as the caller sent it; nil where there was none.
    /// - Returns: the place that the request holds, to be released at its end.
    /// - Throws: `unauthorized`, the same for every reason; `rate_limited` or `too_many_at_once` for a good key that
    ///   has used up what it may.
    func admit(_ presented: String?) throws(GatewayError) -> KeyPlace {
        let digest = APIKey.digest(of: presented ?? "")
        let id = presented.flatMap(APIKey.id(in:))
        let (instant, date) = (clock.instant(), clock.date())
        let refusal = state.withLock { state -> GatewayError? in
            let key = id.flatMap { state.keys[$0] }
            // Compared in constant time, and against something also where there is no such key.
            let isSame = digest == key?.digest ?? Self.nobody
            guard isSame, let id, var key, key.entry.state(at: date) == .active else {
                return Self.unauthorized
            }
            if let limit = key.entry.concurrency, key.inFlight >= limit {
                return GatewayError(
                    .tooManyAtOnce, "\(limit) requests with this key are being answered already; wait for one of them",
                    retryAfter: 1)
            }
            defer { state.keys[id] = key }
            if let wait = key.bucket?.take(at: instant) {
                let rate = key.bucket?.perMinute ?? 0
                return GatewayError(
                    .rateLimited, "this key may send \(rate) requests a minute; wait and try again",
                    retryAfter: max(1, Int((wait / .seconds(1)).rounded(.up))))
            }
            key.inFlight += 1
            return nil
        }
        if let refusal { throw refusal }
        return KeyPlace(id: id ?? "", store: self)
    }

    fileprivate func release(_ id: String) {
        state.withLock { state in
            guard let inFlight = state.keys[id]?.inFlight else { return }
            state.keys[id]?.inFlight = max(0, inFlight - 1)
        }
    }

    fileprivate func charge(_ id: String, _ count: Int) {
        let now = clock.instant()
        state.withLock { $0.keys[id]?.bucket?.charge(count, at: now) }
    }

    private static let nobody = [UInt8](repeating: 0, count: 32)

    private static let unauthorized = GatewayError(
        .unauthorized, "this needs a valid API key: send Authorization: Bearer KEY, or X-API-Key: KEY")
}

/// A request's place among those of its key. Released once, when the request has been answered.
struct KeyPlace: Sendable {
    let id: String
    private let store: KeyStore

    fileprivate init(id: String, store: KeyStore) {
        self.id = id
        self.store = store
    }

    func release() {
        store.release(id)
    }

    /// Counts a request as more than one, for a batch. What a minute does not allow is taken from the next ones.
    func charge(additional count: Int) {
        if count > 0 { store.charge(id, count) }
    }
}
