/// What a transport decides, without any I/O: which call starts, ends, and how, and when the thread may stop.
///
/// The transport feeds events in and carries out the actions that come back, in order. Calls are known by id, never
/// by reference. The machine promises that each opened call that was submitted gets **exactly one** `.resume`,
/// whatever order completions, cancellations, deadlines and shutdown arrive in, and that `.stopThread` comes once,
/// after the last wire call has ended.
struct CallStateMachine {
    typealias CallID = UInt64

    /// How the caller's continuation ends.
    enum Ending: Equatable {
        /// With what the wire delivered.
        case wireResult
        case cancelled
        case deadlineExceeded
        case shutDown
    }

    enum Action: Equatable {
        case startWire(CallID)
        /// Ask the wire to give the call up; `wireEnded` must follow for it.
        case abortWire(CallID)
        case resume(CallID, Ending)
        case stopThread
    }

    private enum Phase {
        /// Known, so that a cancellation that overtakes the submission is not lost.
        case opened
        case cancelledBeforeStart
        case active(deadline: ContinuousClock.Instant)
        /// The caller has its answer; the wire has not let go yet.
        case draining
    }

    private var calls: [CallID: Phase] = [:]
    private var isShuttingDown = false
    private var hasStopped = false

    /// Wire calls that have not ended.
    var wireCount: Int {
        calls.values.count {
            switch $0 {
            case .active, .draining: true
            case .opened, .cancelledBeforeStart: false
            }
        }
    }

    /// The earliest deadline of a call in flight. Linear in the calls in flight, of which there are tens.
    var nextDeadline: ContinuousClock.Instant? {
        calls.values.lazy.compactMap { phase in
            if case .active(let deadline) = phase { deadline } else { nil }
        }.min()
    }

    /// Announces a call before it can be cancelled.
    mutating func open(_ id: CallID) {
        calls[id] = .opened
    }

    mutating func submit(
        _ id: CallID, deadline: ContinuousClock.Instant, now: ContinuousClock.Instant
    ) -> [Action] {
        let phase = calls.removeValue(forKey: id)
        if case .cancelledBeforeStart = phase { return [.resume(id, .cancelled)] }
        if isShuttingDown { return [.resume(id, .shutDown)] }
        if deadline <= now { return [.resume(id, .deadlineExceeded)] }
        calls[id] = .active(deadline: deadline)
        return [.startWire(id)]
    }

    mutating func cancel(_ id: CallID) -> [Action] {
        switch calls[id] {
        case .opened:
            calls[id] = .cancelledBeforeStart
            return []
        case .active:
            return end(id, .cancelled)
        case .cancelledBeforeStart, .draining, nil:
            return []
        }
    }

    /// The wire is done with the call, whether by itself or after `abortWire`.
    mutating func wireEnded(_ id: CallID) -> [Action] {
        switch calls.removeValue(forKey: id) {
        case .active: [.resume(id, .wireResult)] + stopIfDone()
        case .draining: stopIfDone()
        case .opened, .cancelledBeforeStart, nil: []
        }
    }

    /// Ends every call whose deadline has come.
    mutating func advance(to now: ContinuousClock.Instant) -> [Action] {
        let due = calls.compactMap { id, phase in
            if case .active(let deadline) = phase, deadline <= now { id } else { nil }
        }
        return due.sorted().flatMap { end($0, .deadlineExceeded) }
    }

    mutating func shutdown() -> [Action] {
        guard !isShuttingDown else { return [] }
        isShuttingDown = true
        let active = calls.compactMap { id, phase in
            if case .active = phase { id } else { nil }
        }
        return active.sorted().flatMap { end($0, .shutDown) } + stopIfDone()
    }

    private mutating func end(_ id: CallID, _ ending: Ending) -> [Action] {
        calls[id] = .draining
        return [.resume(id, ending), .abortWire(id)]
    }

    private mutating func stopIfDone() -> [Action] {
        guard isShuttingDown, !hasStopped, wireCount == 0 else { return [] }
        hasStopped = true
        return [.stopThread]
    }
}
