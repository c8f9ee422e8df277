import ArgumentParser
import Features
import Foundation
import Logging
import ServiceLifecycle
import TritonClient
import UnixSignals

/// `gateway serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Answers HTTP requests until SIGTERM or Ctrl-C.")

    @OptionGroup var options: TritonOptions

    @Option(help: "Address to listen on (default 127.0.0.1).")
    var host: String?

    @Option(help: "Port to listen on (default 8080; 0 takes a free one).")
    var port: String?

    @Flag(help: "Check the configuration, print nothing and exit.")
    var checkConfig = false

    func run() async throws {
        var arguments = options.arguments
        arguments["gateway.host"] = host
        arguments["gateway.port"] = port
        let configuration = try await GatewayConfiguration.load(arguments: arguments, file: options.config)
        let logger = try makeLogger(configuration)
        let edge = try Edge(configuration, logger: logger)
        let backend = try Backend(configuration)
        if !checkConfig { try await serve(backend, edge, logger) }
        await backend.transport.shutdown()
    }

    private func serve(_ backend: Backend, _ edge: Edge, _ logger: Logger) async throws {
        let configuration = backend.configuration
        FeatureExtractor.prepare()
        let parts = buildGateway(
            configuration, transport: backend.transport, scoring: backend.sets.main.set.scoring,
            shapes: try .builtIn(), logger: logger, edge: edge, sets: backend.sets)
        if edge.keys == nil { logger.info("open: nobody on this machine is asked for a key") }
        var services: [any Service] = [parts.application, parts.drain]
        let sets = RolloutFiles(rollout: parts.rollout, configuration: configuration, logger: logger)
        services.insert(ReloadService(files: edge.files + [sets]), at: 0)
        var group = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        group.maximumGracefulShutdownDuration = configuration.limits.drainDelay + configuration.limits.drainTimeout
        // Whoever signals a second time does not want to wait.
        let impatience = Task {
            var count = 0
            for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                count += 1
                if count == 2 { Foundation.exit(130) }
            }
        }
        defer { impatience.cancel() }
        do {
            try await ServiceGroup(configuration: group).run()
        } catch is CancellationError {
            logger.warning("requests were still in flight after the drain time and were given up")
        }
    }
}

/// The scoring and rollout files. SIGHUP has them read again; what cannot be used is refused, and all stays as it was.
/// Changed files alone change nothing: models and files are changed together, one after the other.
struct RolloutFiles: ReloadableFile {
    let rollout: Rollout
    let configuration: GatewayConfiguration
    let logger: Logger

    func reload(isAsked: Bool) async {
        guard isAsked else { return }
        do {
            try await rollout.adopt(Backend.sets(configuration))
            let shares = rollout.plan.shares.map { "\($0.member.name)=\($0.percent)" }.joined(separator: " ")
            let shadow = rollout.plan.shadow?.name ?? "none"
            logger.notice("rollout reloaded", metadata: ["serve": "\(shares)", "shadow": "\(shadow)"])
        } catch {
            logger.error("rollout not reloaded, the old one stays in force", metadata: ["problem": "\(error)"])
        }
    }
}
