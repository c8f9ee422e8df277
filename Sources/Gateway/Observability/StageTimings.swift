/// How long each stage took, in the order in which the stages ran.
struct StageTimings: Sendable {
    enum Stage: String, Sendable, CaseIterable {
        case clean, segment, tokenize
        /// While the first wave is under way.
        case features
        /// Waiting for the classifiers and the sentence encoder.
        case firstWave = "first_wave"
        /// Waiting for the EBM.
        case secondWave = "second_wave"
        case ensemble, explain
    }

    private(set) var durations: [(stage: Stage, duration: Duration)] = []
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    init() {
        start = clock.now
    }

    /// Time since the value was made.
    var total: Duration { start.duration(to: clock.now) }

    mutating func measure<Result, Failure: Error>(
        _ stage: Stage, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let begin = clock.now
        defer { durations.append((stage, begin.duration(to: clock.now))) }
        return try body()
    }

    /// Notes a stage that was timed elsewhere (one that waits).
    mutating func record(_ stage: Stage, since begin: ContinuousClock.Instant) {
        record(stage, begin.duration(to: clock.now))
    }

    mutating func record(_ stage: Stage, _ duration: Duration) {
        durations.append((stage, duration))
    }

    /// Milliseconds by stage, for the reply.
    var milliseconds: [String: Double] {
        var result = Dictionary(
            durations.map { ($0.stage.rawValue, $0.duration.milliseconds) }, uniquingKeysWith: +)
        result["total"] = total.milliseconds
        return result
    }

    /// The same for a `Server-Timing` header, without the total.
    var serverTiming: [String] {
        durations.map { "\($0.stage.rawValue);dur=\($0.duration.milliseconds)" }
    }
}

extension Duration {
    /// With three digits after the point.
    var milliseconds: Double {
        let exact = Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15
        return (exact * 1e3).rounded() / 1e3
    }
}
