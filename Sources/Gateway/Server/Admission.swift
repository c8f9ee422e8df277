import Metrics
import Synchronization

/// Lets a bounded number of analyses run at once and refuses the rest at once, instead of queueing without end.
final class Admission: Sendable {
    private let limit: Int
    private let metrics: GatewayMetrics?
    private let inFlight = Mutex(0)

    init(limit: Int, metrics: GatewayMetrics? = nil) {
        self.limit = limit
        self.metrics = metrics
    }

    /// Refuses what has no chance, before its body is read. Holds no place: a body that drips must not keep others out.
    /// - Throws: `overloaded` where there is no room at present.
    func refuseIfFull() throws(GatewayError) {
        if inFlight.withLock({ $0 >= limit }) { throw refusal() }
    }

    /// Runs `body` if there is room.
    /// - Throws: `overloaded` at once where there is none; else what `body` throws.
    func admitted<Value>(_ body: () async throws -> Value) async throws -> Value {
        let isAdmitted = inFlight.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        guard isAdmitted else { throw refusal() }
        metrics?.analysesInFlight.increment()
        defer {
            inFlight.withLock { $0 -= 1 }
            metrics?.analysesInFlight.decrement()
        }
        return try await body()
    }

    private func refusal() -> GatewayError {
        metrics?.admissionRefusals.increment()
        return GatewayError(
            .overloaded, "\(limit) essays are being analysed already; try again in a moment", retryAfter: 1)
    }
}
