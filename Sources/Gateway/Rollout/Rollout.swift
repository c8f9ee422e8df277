import Logging
import ServiceLifecycle
import Synchronization
import TritonClient

/// Answers essays from the scoring sets in force, and watches these sets' models.
final class Rollout: Service, Sendable {
    private let transport: any InferenceTransport
    private let limits: GatewayConfiguration.Limits
    private let pollInterval: Duration
    private let logger: Logger
    private let metrics: GatewayMetrics?
    private let shadows: ShadowRuns
    private let inForce: Mutex<RolloutPlan>

    init(
        _ settings: RolloutSettings, transport: any InferenceTransport, configuration: GatewayConfiguration,
        logger: Logger, metrics: GatewayMetrics? = nil
    ) {
        self.transport = transport
        self.metrics = metrics
        self.logger = logger
        limits = configuration.limits
        pollInterval = configuration.pollInterval
        shadows = ShadowRuns(limit: max(1, configuration.limits.maxInFlight / 4), logger: logger, metrics: metrics)
        let limits = limits
        inForce = Mutex(
            RolloutPlan(settings) {
                Self.member($0, transport: transport, limits: limits, logger: logger, metrics: metrics)
            })
        metrics?.inForce(settings.main.set.scoring)
    }

    /// The plan in force.
    var plan: RolloutPlan { inForce.withLock { $0 } }

    /// The models and the scoring file of the set with the largest share.
    var catalog: ModelCatalog { plan.main.pipeline.catalog }
    var scoring: Scoring { plan.main.set.scoring }

    /// Analyses a text with the set that the plan gives it.
    func analyze(
        _ text: String, requestID: String, deadline: ContinuousClock.Instant
    ) async throws(GatewayError) -> Analysis {
        let plan = plan
        let member = plan.member(for: text)
        let analysis = try await member.pipeline.analyze(text, requestID: requestID, deadline: deadline)
        metrics?.answered(from: member.set, analysis)
        if let shadow = plan.shadow, shadow.name != member.name {
            shadows.start(shadow, text, requestID: requestID, limit: limits.deadline, served: analysis)
        }
        return analysis
    }

    // MARK: Watching

    /// Polls until the service group shuts down.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.refresh()
                try? await Task.sleep(for: self.pollInterval, clock: .continuous)
            }
        }
    }

    /// Asks for the models of every set once.
    func refresh() async {
        await Self.refresh(plan)
    }

    private static func refresh(_ plan: RolloutPlan) async {
        await withTaskGroup { group in
            for member in plan.members { group.addTask { await member.pipeline.catalog.refresh() } }
        }
    }

    // MARK: Changing

    /// Takes other settings, once their models have been checked. A set that stays as it was keeps what is known of it.
    /// - Throws: `NotReady` when no answer could come of them, or when a model that answers now would be away: a version
    ///   that is not loaded is a mistake, not an outage. The plan in force stays.
    func adopt(_ settings: RolloutSettings) async throws(NotReady) {
        let known = plan.members
        let next = RolloutPlan(settings) { set in
            known.first { $0.set == set }
                ?? Self.member(set, transport: transport, limits: limits, logger: logger, metrics: metrics)
        }
        await Self.refresh(next)
        let states = next.main.pipeline.catalog.snapshot
        let former = plan.main.pipeline.catalog.snapshot
        let isAnyLost = ModelName.allCases.contains { former[$0]?.info != nil && states[$0]?.info == nil }
        guard next.main.readiness != .notReady, !isAnyLost else {
            throw NotReady(set: next.main.name, problems: states.problems)
        }
        metrics?.inForce(next.main.set.scoring, insteadOf: scoring)
        inForce.withLock { $0 = next }
    }

    struct NotReady: Error, CustomStringConvertible {
        var set: String
        var problems: String
        var description: String { "set \(set) is not ready: \(problems)" }
    }

    private static func member(
        _ set: ScoringSet, transport: any InferenceTransport, limits: GatewayConfiguration.Limits, logger: Logger,
        metrics: GatewayMetrics?
    ) -> RolloutMember {
        var logger = logger
        logger[metadataKey: "set"] = "\(set.name)"
        let catalog = ModelCatalog(
            transport: transport, scoring: set.scoring, versions: set.versions, logger: logger)
        return RolloutMember(
            set: set,
            pipeline: ScorePipeline(
                transport: transport, catalog: catalog, scoring: set.scoring, limits: limits, metrics: metrics))
    }
}

extension Analysis {
    /// The versions that answered, for logs: `bert_bilstm=1 ebm=1`.
    var versions: String {
        scores.map { "\($0.model.rawValue)=\($0.version)" }.joined(separator: " ")
    }
}
