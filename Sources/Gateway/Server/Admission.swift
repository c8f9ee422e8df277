import Metrics
import Synchronization

/// Lets a bounded number of analyses run at once.
///
/// Single essays, for which somebody waits, are refused at once where there is no room. Texts of batches have places of
/// their own, fewer, and wait for them in the order in which they came; while a single essay is in work only one of them
/// begins at a time, so that batches go on but give way.
final class Admission: Sendable {
    private let limit: Int
    private let batchLimit: Int
    private let noun: String
    private let metrics: GatewayMetrics?
    private let state = Mutex(State())

    private struct State {
        var inFlight = 0
        var batchInFlight = 0
        var nextTicket: UInt64 = 0
        /// In the order in which they came.
        var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        /// Given up before they began to wait.
        var givenUp: Set<UInt64> = []

        /// Takes as many places as are free now, and gives those who get them.
        mutating func admitWaiting(_ batchLimit: Int) -> [CheckedContinuation<Bool, Never>] {
            let free = max(0, (inFlight > 0 ? 1 : batchLimit) - batchInFlight)
            let admitted = waiting.prefix(free).map(\.continuation)
            waiting.removeFirst(admitted.count)
            batchInFlight += admitted.count
            return admitted
        }
    }

    /// - Parameters:
    ///   - limit: of single essays.
    ///   - batchLimit: of texts of batches, while no single essay is in work.
    ///   - noun: what is counted, for the words of a refusal.
    init(limit: Int, batchLimit: Int = 1, of noun: String = "essays", metrics: GatewayMetrics? = nil) {
        self.limit = limit
        self.metrics = metrics
        self.batchLimit = batchLimit
        self.noun = noun
    }

    // MARK: Single essays

    /// Refuses what has no chance, before its body is read. Holds no place: a body that drips must not keep others out.
    /// - Throws: `overloaded` where there is no room at present.
    func refuseIfFull() throws(GatewayError) {
        if state.withLock({ $0.inFlight >= limit }) { throw refusal() }
    }

    /// Runs `body` if there is room.
    /// - Throws: `overloaded` at once where there is none; else what `body` throws.
    func admitted<Value>(_ body: () async throws -> Value) async throws -> Value {
        let isAdmitted = state.withLock { state in
            guard state.inFlight < limit else { return false }
            state.inFlight += 1
            return true
        }
        guard isAdmitted else { throw refusal() }
        metrics?.analysesInFlight.increment()
        defer {
            leave { $0.inFlight -= 1 }
            metrics?.analysesInFlight.decrement()
        }
        return try await body()
    }

    private func refusal() -> GatewayError {
        metrics?.admissionRefusals.increment()
        return GatewayError(
            .overloaded, "\(limit) \(noun) are being analysed already; try again in a moment", retryAfter: 1)
    }

    // MARK: Texts of batches

    /// Runs `body` once there is a place.
    /// - Throws: `CancellationError` where the task is cancelled while it waits; else what `body` throws.
    func admittedFromBatch<Value>(_ body: () async throws -> Value) async throws -> Value {
        guard await waitForPlace() else { throw CancellationError() }
        metrics?.analysesInFlight.increment()
        defer {
            leave { $0.batchInFlight -= 1 }
            metrics?.analysesInFlight.decrement()
        }
        return try await body()
    }

    /// - Returns: false where the task was cancelled; no place is held then.
    private func waitForPlace() async -> Bool {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        let isAdmitted = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let resumed = state.withLock { state -> [CheckedContinuation<Bool, Never>]? in
                    guard state.givenUp.remove(ticket) == nil else { return nil }
                    state.waiting.append((ticket, continuation))
                    return state.admitWaiting(batchLimit)
                }
                guard let resumed else { return continuation.resume(returning: false) }
                for continuation in resumed { continuation.resume(returning: true) }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let place = state.waiting.firstIndex(where: { $0.ticket == ticket }) else {
                    state.givenUp.insert(ticket)
                    return nil
                }
                return state.waiting.remove(at: place).continuation
            }
            continuation?.resume(returning: false)
        }
        // A ticket that was cancelled after it had its place is noted here, and nobody would come for it.
        state.withLock { _ = $0.givenUp.remove(ticket) }
        return isAdmitted
    }

    /// Gives a place back and lets in who waits for it.
    private func leave(_ change: (inout State) -> Void) {
        let resumed = state.withLock { state in
            change(&state)
            return state.admitWaiting(batchLimit)
        }
        for continuation in resumed { continuation.resume(returning: true) }
    }
}
