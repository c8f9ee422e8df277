/// The transport's thread: owns the channel, the completion queue and every call in them.
final class GRPCLoop {
    typealias Calls = CallTable<GRPCRequest, GRPCReply>

    private let calls: Calls
    private let configuration: TransportConfiguration
    private var callsOnWire: [CallStateMachine.CallID: GRPCCall] = [:]
    private var lastBackoffReset: ContinuousClock.Instant?

    init(calls: Calls, configuration: TransportConfiguration) {
        self.calls = calls
        self.configuration = configuration
    }

    /// Runs until every call has ended after a shutdown, and releases what it owns, `queue` and `channel` included.
    func run(queue: consuming CompletionQueue, channel: consuming GRPCChannel) {
        serve(queue, channel)
        calls.threadIsEnding()
        // The connections end with the channel; the queue must be the last.
        _ = consume channel
        _ = consume queue
        calls.threadEnded()
    }

    private func serve(_ queue: CompletionQueue, _ channel: GRPCChannel) {
        while true {
            let (work, nextDeadline) = calls.takeWork()
            for item in work {
                switch item {
                case .start(let id, let request, let deadline):
                    if let call = GRPCCall(request, on: channel, queue: queue, deadline: deadline, tag: id) {
                        callsOnWire[id] = call
                    } else {
                        calls.wireEnded(id, .failure(.unreachable("gRPC does not take the call")))
                    }
                case .abort(let id): callsOnWire[id]?.cancel()
                case .stop: return
                }
            }
            if case .completed(let id) = queue.next(until: nextDeadline) { finish(id, channel) }
        }
    }

    private func finish(_ id: CallStateMachine.CallID, _ channel: GRPCChannel) {
        guard let call = callsOnWire.removeValue(forKey: id) else { return }
        let outcome = call.outcome(target: channel.target)
        if case .failure(.unreachable) = outcome { retryConnectingSoon(channel) }
        calls.wireEnded(id, outcome)
    }

    /// C core waits up to 120 s before it looks up a name again that had no address, which no setting changes.
    private func retryConnectingSoon(_ channel: GRPCChannel) {
        let now = ContinuousClock.now
        if let lastBackoffReset, now < lastBackoffReset + configuration.reconnectBackoffMaximum { return }
        lastBackoffReset = now
        channel.resetBackoff()
    }
}
