import Synchronization

/// The calls of one transport: the state machine's decisions, the callers' continuations, and the work that waits for
/// the transport's thread, all behind one lock.
///
/// Callers get `.cancelled`, `.shutDown` and a deadline in the past from their own thread, without waiting for the
/// transport's. Nothing foreign runs under the lock but `wake`, which must not block and must not call back.
final class CallTable<Outgoing: Sendable, Reply: Sendable>: Sendable {
    typealias CallID = CallStateMachine.CallID

    /// What the transport's thread has to do, in order.
    enum WireWork: Sendable {
        case start(CallID, Outgoing, deadline: ContinuousClock.Instant)
        /// `wireEnded` must follow.
        case abort(CallID)
        /// No call is left and none will come.
        case stop
    }

    private typealias Outcome = Result<Reply, TritonError>

    private struct State {
        var machine = CallStateMachine()
        var lastID: CallID = 0
        var outgoing: [CallID: (Outgoing, deadline: ContinuousClock.Instant)] = [:]
        var continuations: [CallID: CheckedContinuation<Outcome, Never>] = [:]
        var wireWork: [WireWork] = []
        var shutdownWaiters: [CheckedContinuation<Void, Never>] = []
        var canWake = true
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let wake: @Sendable () -> Void

    /// - Parameter wake: makes the transport's thread call `takeWork` soon. Never called after `threadIsEnding`.
    init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
    }

    // MARK: Callers' side

    /// Runs one call on the wire: see `InferenceTransport` for what it throws, and when.
    func call(_ outgoing: Outgoing, deadline: ContinuousClock.Instant) async throws(TritonError) -> Reply {
        let id = state.withLock { state in
            state.lastID += 1
            state.machine.open(state.lastID)
            return state.lastID
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                update { state in
                    state.continuations[id] = continuation
                    state.outgoing[id] = (outgoing, deadline)
                    return state.machine.submit(id, deadline: deadline, now: .now)
                }
            }
        } onCancel: {
            update { $0.machine.cancel(id) }
        }
        return try outcome.get()
    }

    /// Ends every call; returns at once.
    func beginShutdown() {
        update { $0.machine.shutdown() }
    }

    /// Ends every call and returns when the transport's thread has ended.
    func shutdown() async {
        beginShutdown()
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.shutdownWaiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    // MARK: The transport thread's side

    /// Ends the calls whose deadline has come and hands over the work that has gathered.
    /// - Returns: the work, and the next deadline, at which this should be called again if `wake` is not called before.
    func takeWork() -> (work: [WireWork], nextDeadline: ContinuousClock.Instant?) {
        update(wakes: false) { $0.machine.advance(to: .now) }
        return state.withLock { state in
            let work = state.wireWork
            state.wireWork.removeAll()
            return (work, state.machine.nextDeadline)
        }
    }

    /// The wire is done with the call: its result, or whatever after an abort.
    func wireEnded(_ id: CallID, _ outcome: Result<Reply, TritonError>) {
        update(wireOutcome: outcome) { $0.machine.wireEnded(id) }
    }

    /// Must be called before what `wake` needs is freed.
    func threadIsEnding() {
        state.withLock { $0.canWake = false }
    }

    /// The thread's last act.
    func threadEnded() {
        let waiters = state.withLock { state in
            state.hasEnded = true
            defer { state.shutdownWaiters = [] }
            return state.shutdownWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: Actions

    /// Makes one change and carries its actions out: wire work under the lock, so that it keeps its order, the
    /// continuations after it.
    private func update(
        wakes: Bool = true, wireOutcome: Outcome? = nil, _ change: (inout State) -> [CallStateMachine.Action]
    ) {
        let resumptions = state.withLock { state in
            var resumptions: [(CheckedContinuation<Outcome, Never>, Outcome)] = []
            let workBefore = state.wireWork.count
            for action in change(&state) {
                switch action {
                case .startWire(let id):
                    if let (outgoing, deadline) = state.outgoing.removeValue(forKey: id) {
                        state.wireWork.append(.start(id, outgoing, deadline: deadline))
                    }
                case .abortWire(let id):
                    state.wireWork.append(.abort(id))
                case .stopThread:
                    state.wireWork.append(.stop)
                case .resume(let id, let ending):
                    state.outgoing[id] = nil
                    if let continuation = state.continuations.removeValue(forKey: id) {
                        resumptions.append((continuation, Self.outcome(ending, wireOutcome)))
                    }
                }
            }
            if wakes, state.canWake, state.wireWork.count > workBefore { wake() }
            return resumptions
        }
        for (continuation, outcome) in resumptions { continuation.resume(returning: outcome) }
    }

    private static func outcome(_ ending: CallStateMachine.Ending, _ wireOutcome: Outcome?) -> Outcome {
        switch ending {
        case .wireResult: wireOutcome ?? .failure(.connectionLost("the transport ended the call without a result"))
        case .cancelled: .failure(.cancelled)
        case .deadlineExceeded: .failure(.deadlineExceeded)
        case .shutDown: .failure(.shutDown)
        }
    }
}
