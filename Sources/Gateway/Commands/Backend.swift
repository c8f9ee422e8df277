import Features
import Foundation
import Logging
import TritonClient

/// What the commands need to reach the models: a checked configuration, the scoring file, an open transport.
struct Backend: Sendable {
    let configuration: GatewayConfiguration
    /// Which scoring sets answer.
    let sets: RolloutSettings
    let transport: any InferenceTransport

    /// - Throws: `GatewayConfiguration.Invalid` or `Scoring.Invalid`, one line that names what is wrong.
    init(_ configuration: GatewayConfiguration) throws {
        self.configuration = configuration
        sets = try Self.sets(configuration)
        transport = try Self.transport(configuration)
    }

    /// Opens the transport that the URL's scheme names. Nothing is sent yet.
    static func transport(
        _ configuration: GatewayConfiguration
    ) throws -> any InferenceTransport & ModelRepositoryControl {
        var settings = TransportConfiguration()
        settings.caFile = configuration.tritonCAFile.isEmpty ? nil : configuration.tritonCAFile
        do {
            return try makeTransport(url: configuration.tritonURL, configuration: settings)
        } catch {
            throw GatewayConfiguration.Invalid(key: "triton.url", problem: "\(error)")
        }
    }

    /// Reads the scoring file and, where there is one, the rollout file, anew.
    static func sets(_ configuration: GatewayConfiguration) throws -> RolloutSettings {
        let standard =
            configuration.scoringFile.isEmpty
            ? try checked(Scoring(json: BuiltInScoring.json))
            : try scoring(configuration.scoringFile, key: "scoring.file")
        guard !configuration.rolloutFile.isEmpty else { return .single(standard) }
        return try RolloutFile.settings(configuration.rolloutFile, standard: standard) { path in
            try scoring(path, key: "rollout.file")
        }
    }

    private static func scoring(_ path: String, key: String) throws -> Scoring {
        guard let json = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw GatewayConfiguration.Invalid(key: key, problem: "the scoring file \(path) cannot be read")
        }
        return try checked(Scoring(json: json))
    }

    private static func checked(_ scoring: Scoring) throws(Scoring.Invalid) -> Scoring {
        guard scoring.featureSchemaHash == FeatureSchema.current.hash else {
            throw Scoring.Invalid(
                problem: "made for feature schema \(scoring.featureSchemaHash), this gateway has "
                    + "\(FeatureSchema.current.hash); run training/fit_ensemble.py")
        }
        return scoring
    }

    /// The sets, their models checked once, for commands that run and end. Nothing is shadowed.
    func checkedRollout(logger: Logger) async -> Rollout {
        var sets = sets
        sets.shadow = nil
        let rollout = Rollout(sets, transport: transport, configuration: configuration, logger: logger)
        await rollout.refresh()
        return rollout
    }
}

/// The logger that the configuration asks for.
func makeLogger(_ configuration: GatewayConfiguration) throws(GatewayConfiguration.Invalid) -> Logger {
    guard let level = Logger.Level(rawValue: configuration.logLevel) else {
        throw GatewayConfiguration.Invalid(
            key: "log.level", problem: "must be one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))"
        )
    }
    var logger =
        switch configuration.logFormat {
        case .json: Logger(label: "gateway") { JSONLogHandler(label: $0) }
        case .text: Logger(label: "gateway") { StreamLogHandler.standardError(label: $0) }
        }
    logger.logLevel = level
    return logger
}

extension ScorePipeline {
    /// A pipeline that can compute features but no verdict: training needs it before there is a scoring file.
    static func unscored(
        _ transport: any InferenceTransport, _ configuration: GatewayConfiguration, _ logger: Logger
    ) async throws -> ScorePipeline {
        let scoring = Scoring.empty
        let catalog = ModelCatalog(transport: transport, scoring: scoring, logger: logger)
        await catalog.refresh()
        if let problem = catalog.snapshot[.sentenceEncoder]?.problem {
            throw GatewayError(.upstreamUnavailable, "sentence_encoder: \(problem)")
        }
        return ScorePipeline(transport: transport, catalog: catalog, scoring: scoring, limits: configuration.limits)
    }
}
