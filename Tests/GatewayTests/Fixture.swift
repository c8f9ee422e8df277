import Features
import TritonClient

@testable import Gateway

/// Models and a scoring file as they should be, for tests to spoil.
enum Fixture {
    static let terms = Array(FeatureSchema.current.names.prefix(2)) + ["both & more"]
    static let intercept = 0.25

    static let scoring = Scoring(
        version: "test", featureSchemaHash: FeatureSchema.current.hash,
        models: Dictionary(
            uniqueKeysWithValues: ModelName.allCases.map { ($0.rawValue, .init(fitID: "fit-\($0.rawValue)")) }),
        windows: .init(maximumLength: 256, overlap: 64),
        ensembles: subsets.map(ensemble),
        references: [:])

    private static var subsets: [[String]] {
        let names = ModelName.scorers.map(\.rawValue)
        return (1..<(1 << names.count)).map { bits in
            names.enumerated().filter { bits & (1 << $0.offset) != 0 }.map(\.element)
        }
    }

    private static func ensemble(_ models: [String]) -> Ensemble {
        Ensemble(
            models: models, intercept: 0, weights: models.map { _ in 1 / Double(models.count) },
            thresholds: .init(human: 0.2, ai: 0.8),
            heldOut: .init(
                humans: 4, humansAtOrAboveAIThreshold: 0, falsePositiveRateUpper95: 0.5, ai: 4,
                aiAtOrBelowHumanThreshold: 0),
            humanScores: [0.01, 0.02, 0.1, 0.5])
    }

    static func metadata(_ model: ModelName) -> ModelMetadata {
        let contract = ModelContract(model, scoring: scoring, terms: terms.count)
        return ModelMetadata(
            name: model.rawValue, versions: ["1"], platform: "onnxruntime_onnx", inputs: contract.inputs,
            outputs: contract.outputs)
    }

    static func configuration(_ model: ModelName) -> ModelConfiguration {
        var parameters = ModelContract(model, scoring: scoring).parameters
        if model == .ebm {
            parameters["intercept"] = "\(intercept)"
            parameters["term_names"] = "[\(terms.map { "\"\($0)\"" }.joined(separator: ","))]"
        }
        return ModelConfiguration(
            name: model.rawValue, platform: "", backend: "onnxruntime", maxBatchSize: 8, parameters: parameters)
    }

    static func ready(_ model: ModelName) -> ModelState {
        ModelCatalog.judge(model, metadata(model), configuration(model), scoring: scoring)
    }
}
