import Testing

@testable import TritonClient

@Suite("Call state machine")
struct CallStateMachineTests {
    private let start = ContinuousClock.now
    private var later: ContinuousClock.Instant { start + .seconds(1) }

    @Test("a call goes to the wire, and its result to the caller")
    func plain() {
        var machine = CallStateMachine()
        machine.open(1)
        #expect(machine.submit(1, deadline: later, now: start) == [.startWire(1)])
        #expect(machine.nextDeadline == later)
        #expect(machine.wireCount == 1)
        #expect(machine.wireEnded(1) == [.resume(1, .wireResult)])
        #expect(machine.wireCount == 0)
        #expect(machine.nextDeadline == nil)
        #expect(machine.wireEnded(1) == [])
    }

    @Test("a deadline that has come never reaches the wire", arguments: [0, -1])
    func pastDeadline(_ seconds: Int) {
        var machine = CallStateMachine()
        machine.open(1)
        let actions = machine.submit(1, deadline: start + .seconds(seconds), now: start)
        #expect(actions == [.resume(1, .deadlineExceeded)])
        #expect(machine.wireCount == 0)
    }

    @Test("a cancellation that overtakes the submission is not lost")
    func cancelledBeforeSubmission() {
        var machine = CallStateMachine()
        machine.open(1)
        #expect(machine.cancel(1) == [])
        #expect(machine.submit(1, deadline: later, now: start) == [.resume(1, .cancelled)])
        #expect(machine.wireCount == 0)
    }

    @Test("a cancelled call is answered at once and given up on the wire, whose late result is dropped")
    func cancelled() {
        var machine = CallStateMachine()
        machine.open(1)
        _ = machine.submit(1, deadline: later, now: start)
        #expect(machine.cancel(1) == [.resume(1, .cancelled), .abortWire(1)])
        #expect(machine.cancel(1) == [])
        #expect(machine.advance(to: later) == [])
        #expect(machine.wireEnded(1) == [])
    }

    @Test("deadlines end the calls that are due, and no others")
    func deadlines() {
        var machine = CallStateMachine()
        for id in 1...3 as ClosedRange<CallStateMachine.CallID> {
            machine.open(id)
            _ = machine.submit(id, deadline: start + .milliseconds(Int(id)), now: start)
        }
        #expect(machine.advance(to: start) == [])
        #expect(
            machine.advance(to: start + .milliseconds(2)) == [
                .resume(1, .deadlineExceeded), .abortWire(1), .resume(2, .deadlineExceeded), .abortWire(2),
            ])
        #expect(machine.nextDeadline == start + .milliseconds(3))
        #expect(machine.wireCount == 3)
    }

    @Test("shutdown answers every call, and the thread stops when the wire has let go of the last")
    func shutdown() {
        var machine = CallStateMachine()
        for id in 1...2 as ClosedRange<CallStateMachine.CallID> {
            machine.open(id)
            _ = machine.submit(id, deadline: later, now: start)
        }
        #expect(
            machine.shutdown() == [.resume(1, .shutDown), .abortWire(1), .resume(2, .shutDown), .abortWire(2)])
        #expect(machine.shutdown() == [])
        machine.open(3)
        #expect(machine.submit(3, deadline: later, now: start) == [.resume(3, .shutDown)])
        #expect(machine.wireEnded(1) == [])
        #expect(machine.wireEnded(2) == [.stopThread])
    }

    @Test("with no call, shutdown stops the thread at once, and only once")
    func idleShutdown() {
        var machine = CallStateMachine()
        #expect(machine.shutdown() == [.stopThread])
        #expect(machine.shutdown() == [])
    }

    /// Feeds random events in a random order and keeps the books that the machine promises to keep.
    @Test("whatever the order of events, each call is answered exactly once and the thread stops once, at the end")
    func exactlyOnce() async {
        let seed = UInt64.random(in: .min ... .max)
        print("CallStateMachineTests.exactlyOnce seed \(seed)")
        var random = SeededRandom(seed)
        for round in 0..<2000 {
            var run = RandomRun(start: start)
            for _ in 0..<Int.random(in: 1...120, using: &random) { run.step(&random) }
            run.finish()
            #expect(run.faults == [], "seed \(seed), round \(round)")
            // Other tests wait for this thread.
            await Task.yield()
        }
    }
}

/// One random life of a state machine, with a wire that answers late, early or after an abort.
private struct RandomRun {
    var machine = CallStateMachine()
    var now: ContinuousClock.Instant
    var lastID: CallStateMachine.CallID = 0
    var unsubmitted: [CallStateMachine.CallID] = []
    var submitted: Set<CallStateMachine.CallID> = []
    var onWire: Set<CallStateMachine.CallID> = []
    var answers: [CallStateMachine.CallID: Int] = [:]
    var stops = 0
    var isShutDown = false
    var faults: [String] = []

    init(start: ContinuousClock.Instant) {
        now = start
    }

    mutating func step(_ random: inout SeededRandom) {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<5:
            lastID += 1
            machine.open(lastID)
            unsubmitted.append(lastID)
        case 5..<11:
            guard let index = unsubmitted.indices.randomElement(using: &random) else { return }
            submit(unsubmitted.remove(at: index), after: .milliseconds(Int.random(in: -1...20, using: &random)))
        case 11..<14:
            // Any id there ever was, and one that there never was.
            apply(machine.cancel(.random(in: 1...(lastID + 1), using: &random)))
        case 14..<17:
            guard let id = onWire.sorted().randomElement(using: &random) else { return }
            endWire(id)
        case 17..<19:
            now += .milliseconds(Int.random(in: 0...8, using: &random))
            apply(machine.advance(to: now))
            if let next = machine.nextDeadline, next <= now { faults.append("a due call is still in flight") }
        default:
            if Int.random(in: 0..<10, using: &random) == 0 { shutdown() }
        }
    }

    mutating func finish() {
        for id in unsubmitted { submit(id, after: .milliseconds(5)) }
        unsubmitted = []
        shutdown()
        for id in onWire.sorted() { endWire(id) }
        if stops != 1 { faults.append("the thread was stopped \(stops) times") }
        for id in submitted where answers[id] != 1 {
            faults.append("call \(id) was answered \(answers[id] ?? 0) times")
        }
        if answers.count != submitted.count { faults.append("a call was answered that was not submitted") }
        if machine.wireCount != 0 { faults.append("\(machine.wireCount) calls are left") }
    }

    private mutating func submit(_ id: CallStateMachine.CallID, after wait: Duration) {
        submitted.insert(id)
        let deadline = now + wait
        let actions = machine.submit(id, deadline: deadline, now: now)
        if deadline <= now || isShutDown, actions.contains(.startWire(id)) {
            faults.append("call \(id) reached the wire too late")
        }
        apply(actions)
    }

    private mutating func endWire(_ id: CallStateMachine.CallID) {
        onWire.remove(id)
        apply(machine.wireEnded(id))
    }

    private mutating func shutdown() {
        isShutDown = true
        apply(machine.shutdown())
    }

    private mutating func apply(_ actions: [CallStateMachine.Action]) {
        for action in actions {
            if stops > 0, case .resume = action {} else if stops > 0 { faults.append("\(action) after the stop") }
            switch action {
            case .startWire(let id):
                if !onWire.insert(id).inserted { faults.append("call \(id) was started twice") }
            case .abortWire(let id):
                if !onWire.contains(id) { faults.append("call \(id) was given up but is not on the wire") }
            case .resume(let id, _):
                answers[id, default: 0] += 1
            case .stopThread:
                stops += 1
                if !onWire.isEmpty { faults.append("the thread was stopped with calls on the wire") }
            }
        }
    }
}
