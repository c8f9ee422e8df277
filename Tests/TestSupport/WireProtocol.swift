public import TritonClient

/// The transports, for tests that hold each of them to the same contract.
public enum WireProtocol: String, CaseIterable, Sendable {
    case http
    case grpc

    /// A transport to a port of this machine.
    public func transport(
        port: Int, configuration: TransportConfiguration = .init()
    ) throws(TritonError) -> any InferenceTransport {
        try makeTransport(url: "\(rawValue)://127.0.0.1:\(port)", configuration: configuration)
    }
}

extension ContinuousClock.Instant {
    /// A deadline that is only there to keep a faulty test from hanging.
    public static var generous: Self { .now + .seconds(20) }
}

/// What `body` throws; nil when it ends well.
public func tritonError<T>(of body: () async throws(TritonError) -> T) async -> TritonError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

/// The shortest of up to `attempts` runs of `body`, ended early by one under `limit`. For statements about how long
/// something takes: other tests may hold every core for a while, but a wrong time-out is wrong each time.
public func shortest(
    of attempts: Int, endingUnder limit: Duration, _ body: () async throws -> Duration
) async throws -> Duration {
    var best = try await body()
    for _ in 1..<attempts where best >= limit { best = min(best, try await body()) }
    return best
}
