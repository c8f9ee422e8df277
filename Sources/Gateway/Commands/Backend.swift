import Features
import Foundation
import Logging
import TritonClient

/// What the commands need to reach the models: a checked configuration, the scoring file, an open transport.
struct Backend: Sendable {
    let configuration: GatewayConfiguration
    let scoring: Scoring
    let transport: any InferenceTransport

    /// - Throws: `GatewayConfiguration.Invalid` or `Scoring.Invalid`, one line that names what is wrong.
    init(_ configuration: GatewayConfiguration) throws {
        self.configuration = configuration
        scoring = try Self.scoring(configuration)
        guard scoring.featureSchemaHash == FeatureSchema.current.hash else {
            throw Scoring.Invalid(
                problem: "made for feature schema \(scoring.featureSchemaHash), this gateway has "
                    + "\(FeatureSchema.current.hash); run training/fit_ensemble.py")
        }
        transport = try Self.transport(configuration)
    }

    /// Opens the transport that the URL's scheme names. Nothing is sent yet.
    static func transport(_ configuration: GatewayConfiguration) throws -> any InferenceTransport {
        var settings = TransportConfiguration()
        settings.caFile = configuration.tritonCAFile.isEmpty ? nil : configuration.tritonCAFile
        do {
            return try makeTransport(url: configuration.tritonURL, configuration: settings)
        } catch {
            throw GatewayConfiguration.Invalid(key: "triton.url", problem: "\(error)")
        }
    }

    private static func scoring(_ configuration: GatewayConfiguration) throws -> Scoring {
        guard !configuration.scoringFile.isEmpty else { return try Scoring(json: BuiltInScoring.json) }
        do {
            return try Scoring(json: Data(contentsOf: URL(fileURLWithPath: configuration.scoringFile)))
        } catch let error as Scoring.Invalid {
            throw error
        } catch {
            throw GatewayConfiguration.Invalid(key: "scoring.file", problem: "cannot be read")
        }
    }

    /// A pipeline whose models have been checked once, for commands that run and end.
    /// - Throws: `GatewayError` when no verdict is possible with the models as they are.
    func checkedPipeline(logger: Logger) async throws -> ScorePipeline {
        let catalog = ModelCatalog(
            transport: transport, scoring: scoring, pollInterval: configuration.pollInterval, logger: logger)
        await catalog.refresh()
        return ScorePipeline(transport: transport, catalog: catalog, scoring: scoring, limits: configuration.limits)
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
        let catalog = ModelCatalog(
            transport: transport, scoring: scoring, pollInterval: configuration.pollInterval, logger: logger)
        await catalog.refresh()
        if let problem = catalog.snapshot[.sentenceEncoder]?.problem {
            throw GatewayError(.upstreamUnavailable, "sentence_encoder: \(problem)")
        }
        return ScorePipeline(transport: transport, catalog: catalog, scoring: scoring, limits: configuration.limits)
    }
}
