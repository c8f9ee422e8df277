import Features
import Metrics
import TritonClient

/// What the gateway counts, in its own terms; the families behind it are in `MetricFamily.gateway`.
///
/// Series whose labels are known in advance are made at the start, so that they stand at 0 before anything happens: a rate
/// over a series that appears with its first event would miss that event.
struct GatewayMetrics: Sendable {
    let registry: PrometheusRegistry
    private let stages: [StageTimings.Stage: Timer]
    private let verdicts: [Verdict: Counter]
    private let abstentions: [Abstention.Code: Counter]
    private let missing: [ModelName: Counter]
    private let modelReady: [ModelName: Meter]
    private let degraded: Counter
    private let words: Counter
    private let tokens: Counter
    private let essayWords: Recorder
    private let probability: Recorder
    private let features: [(name: String, recorder: Recorder)]
    let admissionRefusals: Counter
    let analysesInFlight: Meter
    let connectionsOpen: Meter
    let connectionsOpened: Counter
    let slowBodies: Counter

    init(registry: PrometheusRegistry = PrometheusRegistry(MetricFamily.gateway)) {
        func counter(_ family: MetricFamily, _ labels: [(String, String)] = []) -> Counter {
            Counter(label: family.name, dimensions: labels, factory: registry)
        }
        func meter(_ family: MetricFamily, _ labels: [(String, String)] = []) -> Meter {
            Meter(label: family.name, dimensions: labels, factory: registry)
        }
        func recorder(_ family: MetricFamily) -> Recorder {
            Recorder(label: family.name, dimensions: [], aggregate: true, factory: registry)
        }
        self.registry = registry
        stages = Self.each(StageTimings.Stage.allCases) { stage in
            Timer(
                label: MetricFamily.stageDuration.name, dimensions: [("stage", stage.rawValue)], factory: registry)
        }
        verdicts = Self.each(Verdict.allCases) { counter(.verdicts, [("verdict", $0.rawValue)]) }
        abstentions = Self.each(Abstention.Code.allCases) { counter(.abstentions, [("reason", $0.rawValue)]) }
        missing = Self.each(ModelName.allCases) { counter(.missingModels, [("model", $0.rawValue)]) }
        modelReady = Self.each(ModelName.allCases) { meter(.modelReady, [("model", $0.rawValue)]) }
        degraded = counter(.degradedAnswers)
        words = counter(.words)
        tokens = counter(.tokens)
        essayWords = recorder(.essayWords)
        probability = recorder(.probability)
        features = MetricFamily.featureHistograms.map { ($0.feature, recorder($0.family)) }
        admissionRefusals = counter(.admissionRefusals)
        analysesInFlight = meter(.analysesInFlight)
        connectionsOpen = meter(.connectionsOpen)
        connectionsOpened = counter(.connectionsOpened)
        slowBodies = counter(.slowBodies)
        meter(.processStart).set(ProcessFigures.start)
    }

    private static func each<Key: Hashable, Metric>(_ keys: [Key], _ make: (Key) -> Metric) -> [Key: Metric] {
        Dictionary(uniqueKeysWithValues: keys.map { ($0, make($0)) })
    }

    // MARK: Events

    /// A request was answered.
    /// - Parameter route: as declared, never as sent.
    func answered(route: String, status: Int, code: String, after duration: Duration) {
        Counter(
            label: MetricFamily.httpRequests.name,
            dimensions: [("route", route), ("status", "\(status)"), ("code", code)], factory: registry
        ).increment()
        Timer(label: MetricFamily.httpDuration.name, dimensions: [("route", route)], factory: registry)
            .record(duration: duration)
    }

    private func analyzed(_ analysis: Analysis) {
        for (stage, duration) in analysis.timings.durations { stages[stage]?.record(duration: duration) }
        verdicts[analysis.verdict]?.increment()
        for reason in analysis.reasons { abstentions[reason.code]?.increment() }
        if !analysis.missing.isEmpty { degraded.increment() }
        for missing in analysis.missing { self.missing[missing.model]?.increment() }
        words.increment(by: analysis.wordCount)
        tokens.increment(by: analysis.tokenCount)
        essayWords.record(analysis.wordCount)
        probability.record(analysis.probability)
        for (name, recorder) in features {
            if let value = analysis.features[name] { recorder.record(value) }
        }
    }

    /// A call to Triton has ended.
    /// - Parameters:
    ///   - version: the one that answered, or the one that was asked for; nil where neither is known.
    ///   - failure: nil where it succeeded.
    func called(_ model: String, version: String?, failure: TritonError?, after duration: Duration) {
        let version = version ?? "unknown"
        Counter(
            label: MetricFamily.modelCalls.name,
            dimensions: [
                ("model", model), ("version", version), ("outcome", failure.map(Self.outcome) ?? "ok"),
            ], factory: registry
        ).increment()
        guard failure == nil else { return }
        Timer(
            label: MetricFamily.modelDuration.name, dimensions: [("model", model), ("version", version)],
            factory: registry
        ).record(duration: duration)
    }

    private static func outcome(_ error: TritonError) -> String {
        switch error {
        case .unreachable: "unreachable"
        case .connectionLost: "connection_lost"
        case .deadlineExceeded: "deadline_exceeded"
        case .cancelled: "cancelled"
        case .shutDown: "shut_down"
        case .invalidResponse: "invalid_response"
        case .invalidRequest: "invalid_request"
        case .server(let fault, _): "server_\(fault.rawValue)"
        }
    }

    /// A scoring set has answered.
    func answered(from set: ScoringSet, _ analysis: Analysis) {
        analyzed(analysis)
        Counter(
            label: MetricFamily.setAnswers.name,
            dimensions: [
                ("set", set.name), ("scoring_version", set.scoring.version), ("verdict", analysis.verdict.rawValue),
            ], factory: registry
        ).increment()
    }

    /// A shadow has been compared with what was answered, or not.
    /// - Parameter difference: of the probabilities, where there are two.
    func shadowed(_ set: String, _ outcome: ShadowRuns.Outcome, difference: Double? = nil) {
        Counter(
            label: MetricFamily.shadows.name, dimensions: [("set", set), ("outcome", outcome.rawValue)],
            factory: registry
        ).increment()
        guard let difference else { return }
        Recorder(
            label: MetricFamily.shadowDifference.name, dimensions: [("set", set)], aggregate: true, factory: registry
        ).record(abs(difference))
    }

    /// Another scoring file is in force for most of the texts.
    func inForce(_ scoring: Scoring, insteadOf former: Scoring? = nil) {
        for (value, scoring) in [(0.0, former), (1.0, scoring)] {
            guard let scoring else { continue }
            set(
                .information, value,
                [("scoring_version", scoring.version), ("feature_schema_hash", scoring.featureSchemaHash)])
        }
    }

    // MARK: State, as it is when somebody asks

    /// What does not change while the gateway runs.
    func describe(_ limits: GatewayConfiguration.Limits) {
        set(.analysesLimit, Double(limits.maxInFlight))
        set(.connectionsLimit, Double(limits.maxConnections))
    }

    /// Every metric in Prometheus's text format.
    func exposition(_ plan: RolloutPlan, isDraining: Bool) -> [UInt8] {
        let (states, scoring) = (plan.main.pipeline.catalog.snapshot, plan.main.set.scoring)
        for (model, meter) in modelReady { meter.set(states[model]?.info == nil ? 0 : 1) }
        let isReady = !isDraining && Readiness(states, scoring: scoring) != .notReady
        set(.ready, isReady ? 1 : 0)
        let figures = ProcessFigures.read()
        set(.processMemory, figures.residentBytes)
        set(.processDescriptors, figures.openDescriptors)
        set(.processDescriptorLimit, figures.maximumDescriptors)
        if let seconds = figures.cpuSeconds { registry.setCounter(.processCPU, to: seconds) }
        return registry.exposition
    }

    private func set(_ family: MetricFamily, _ value: Double?, _ labels: [(String, String)] = []) {
        guard let value else { return }
        Meter(label: family.name, dimensions: labels, factory: registry).set(value)
    }
}
