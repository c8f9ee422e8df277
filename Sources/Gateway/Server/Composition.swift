import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import TritonClient
import WordPiece

/// Set when the gateway has been told to stop; from then on it is not ready and takes no new essay.
///
/// It must come **after** the application in the service group: services are stopped last to first, so the server goes
/// on answering for `delay`, and a load balancer sees that it is not ready before connections are refused.
final class DrainState: Service, Sendable {
    private let flag = Mutex(false)
    private let delay: Duration

    init(delay: Duration) {
        self.delay = delay
    }

    var isDraining: Bool { flag.withLock { $0 } }

    /// Waits for the graceful shutdown, notes it, and ends after the delay.
    func run() async throws {
        try? await gracefulShutdown()
        flag.withLock { $0 = true }
        try? await Task.sleep(for: delay)
    }
}

/// The gateway's parts, put together. Run `application` and `drain`, in this order, in one service group.
struct GatewayParts {
    var application: Application<RouterResponder<GatewayContext>>
    var rollout: Rollout
    var drain: DrainState
    /// The paths that the router has, parameters in braces.
    var paths: [String]

    /// The models of the main scoring set.
    var catalog: ModelCatalog { rollout.catalog }
}

/// The one composition root, for `gateway serve` and for tests.
/// - Parameters:
///   - transport: the caller shuts it down, after the application has ended.
///   - edge: keys, certificate and other sites; open where left out.
///   - sets: which scoring sets answer; `scoring` answers every text where left out.
func buildGateway(
    _ configuration: GatewayConfiguration, transport: any InferenceTransport, scoring: Scoring,
    shapes: EBMShapes = .empty, logger: Logger, metrics: GatewayMetrics = GatewayMetrics(), edge: Edge = Edge(),
    sets: RolloutSettings? = nil,
    onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
) -> GatewayParts {
    let limits = configuration.limits
    // Builds its tables now, not under the first essay.
    _ = Tokenizer.bertBaseUncased
    let rollout = Rollout(
        sets ?? .single(scoring), transport: transport, configuration: configuration, logger: logger,
        metrics: metrics)
    let drain = DrainState(delay: limits.drainDelay)
    metrics.describe(limits)
    let admission = Admission(limit: limits.maxInFlight, batchLimit: limits.maxBatchInFlight, metrics: metrics)

    let router = Router(context: GatewayContext.self, options: .autoGenerateHeadEndpoints)
    router.add(
        middleware: EnvelopeMiddleware(
            metrics: metrics, securityHeaders: SecurityHeaders(isTLS: edge.certificate != nil),
            crossOrigin: edge.crossOrigin))
    router.add(middleware: PreflightMiddleware(crossOrigin: edge.crossOrigin))
    let openRoutes = OpenRoutes(isMetricsOpen: configuration.isMetricsOpen)
    if let keys = edge.keys {
        router.add(middleware: KeyMiddleware(keys: keys, openRoutes: openRoutes))
    }
    let desk = AnalysisDesk(rollout: rollout, admission: admission, drain: drain, limits: limits)
    AnalyzeRoutes(desk: desk).add(to: router)
    BatchRoutes(desk: desk).add(to: router)
    PrivacyRoutes(
        policy: PrivacyPolicy(operatorName: configuration.operatorName, contact: configuration.operatorContact)
    ).add(to: router)
    MCPRoutes(desk: desk, origins: OriginPolicy(crossOrigin: edge.crossOrigin)).add(to: router)
    StatusRoutes(rollout: rollout, drain: drain).add(to: router)
    ExplainRoutes(rollout: rollout, shapes: shapes).add(to: router)
    let metricsRoute = MetricsRoute(metrics: metrics, rollout: rollout, drain: drain)
    if configuration.metrics.isEnabled, configuration.metrics.port == 0 { metricsRoute.add(to: router) }
    WebRoutes().add(to: router)
    let documentation = DocumentationRoutes(
        besides: router.routes.map(\.path.description),
        .init(publicURL: configuration.publicURL, openRoutes: edge.keys.map { _ in openRoutes }))
    documentation.add(to: router)
    let paths = Set(router.routes.map(\.path.description)).sorted()

    var http = HTTP1Channel.Configuration(
        additionalChannelHandlers: [
            ConnectionGuard(headTimeout: limits.headTimeout, bodyTimeout: limits.bodyTimeout, metrics: metrics)
        ],
        idleTimeout: TimeAmount(limits.idleTimeout))
    // Stated, because the versions of swift-nio that can be had differ in their defaults.
    http.httpDecoder = .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 80 << 10, maxHeaderFieldCount: 200)
    let application = Application(
        router: router,
        server: edge.server(.http1(configuration: http)),
        configuration: ApplicationConfiguration(
            address: .hostname(configuration.host, port: configuration.port),
            availableConnectionsDelegate: .maximum(limits.maxConnections, logger: logger)),
        services: [rollout] + metricsService(configuration.metrics, metricsRoute, logger: logger),
        onServerRunning: onServerRunning,
        logger: logger)
    return GatewayParts(application: application, rollout: rollout, drain: drain, paths: paths)
}

/// `/metrics` on a port of its own, where one is set: then whoever reaches the gateway does not reach its metrics.
private func metricsService(
    _ settings: GatewayConfiguration.Metrics, _ route: MetricsRoute, logger: Logger
) -> [any Service] {
    guard settings.isEnabled, settings.port != 0 else { return [] }
    let router = Router(options: .autoGenerateHeadEndpoints)
    route.add(to: router)
    return [
        Application(
            router: router, server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(address: .hostname(settings.host, port: settings.port)),
            logger: logger)
    ]
}
