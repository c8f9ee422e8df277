import Foundation

/// What was fitted on essays that the models which judged them were not trained on: how logits become a probability and a
/// verdict, and what is usual. `training/fit_ensemble.py` writes it.
struct Scoring: Codable, Sendable, Equatable {
    /// Date and number of the fit.
    var version: String
    /// The schema the EBM and the references were made with.
    var featureSchemaHash: String
    /// By model name; what the fit saw.
    var models: [String: FittedModel]
    var windows: WindowShape
    /// One for every set of models that may answer.
    var ensembles: [Ensemble]
    /// By feature name: what is usual in essays by people and by language models.
    var references: [String: Reference]

    struct FittedModel: Codable, Sendable, Equatable {
        /// Hash of the model's file, also in its `config.pbtxt`.
        var fitID: String
        /// Of the classifiers; nil means the windows' mean.
        var pooling: WindowPooling?

        enum CodingKeys: String, CodingKey {
            case fitID = "fit_id"
            case pooling
        }
    }

    /// The windows that the classifiers were trained on.
    struct WindowShape: Codable, Sendable, Equatable {
        /// Tokens, `[CLS]` and `[SEP]` included.
        var maximumLength: Int
        /// Tokens that neighbouring windows share, at least.
        var overlap: Int

        /// Whether there is room for tokens, and each window goes on from the last one.
        var isPossible: Bool { maximumLength > 2 && overlap >= 0 && overlap < maximumLength - 2 }

        enum CodingKeys: String, CodingKey {
            case maximumLength = "maximum_length"
            case overlap
        }
    }

    enum CodingKeys: String, CodingKey {
        case version, models, windows, ensembles, references
        case featureSchemaHash = "feature_schema_hash"
    }
}

/// A feature's distribution among the training essays.
struct Reference: Codable, Sendable, Equatable {
    /// 101 quantiles, the minimum first and the maximum last.
    var human: [Double]
    var ai: [Double]
    /// Over both.
    var minimum: Double
    var maximum: Double

    /// How many percent of the distribution lie below `value`, 0...100; values equal to it count half.
    static func percentile(of value: Double, in quantiles: [Double]) -> Double {
        guard quantiles.count > 1 else { return 50 }
        let below = quantiles.count { $0 < value }
        let equal = quantiles.count { $0 == value }
        return 100 * (Double(below) + Double(equal) / 2) / Double(quantiles.count)
    }

    /// How many percent of the distribution `isCounted`.
    static func percent(of quantiles: [Double], where isCounted: (Double) -> Bool) -> Double {
        100 * Double(quantiles.count(where: isCounted)) / Double(max(1, quantiles.count))
    }

    static func median(of quantiles: [Double]) -> Double {
        quantiles.isEmpty ? 0 : quantiles[quantiles.count / 2]
    }
}

extension Scoring {
    /// Reads and checks a scoring file.
    init(json: Data) throws(Invalid) {
        do {
            self = try JSONDecoder().decode(Scoring.self, from: json)
        } catch {
            throw Invalid(problem: "not a scoring file: \(error)")
        }
        for ensemble in ensembles {
            guard ensemble.models.count == ensemble.weights.count, !ensemble.models.isEmpty else {
                throw Invalid(problem: "an ensemble needs one weight a model")
            }
            guard ensemble.thresholds.human < ensemble.thresholds.ai else {
                throw Invalid(problem: "the human threshold of \(ensemble.models) is not below the AI threshold")
            }
            let numbers = ensemble.weights + [ensemble.intercept] + ensemble.humanScores
            guard numbers.allSatisfy(\.isFinite), ensemble.humanScores == ensemble.humanScores.sorted() else {
                throw Invalid(problem: "the numbers of \(ensemble.models) are not finite and sorted")
            }
        }
        guard models.values.compactMap(\.pooling).allSatisfy({ $0.slope.isFinite && $0.gain.isFinite }) else {
            throw Invalid(problem: "the pooling of a model's windows is not finite")
        }
        guard windows.isPossible else {
            throw Invalid(problem: "windows of \(windows.maximumLength) tokens cannot overlap by \(windows.overlap)")
        }
    }

    struct Invalid: Error, CustomStringConvertible {
        var problem: String
        var description: String { "scoring file: \(problem)" }
    }

    /// How the logits of `model`'s windows become the essay's.
    func pooling(of model: String) -> WindowPooling { models[model]?.pooling ?? .mean }

    /// The ensemble fitted for exactly the models that answered.
    func ensemble(for answered: some Sequence<String>) -> Ensemble? {
        let wanted = Set(answered)
        return ensembles.first { Set($0.models) == wanted }
    }

    /// Where one model alone would say `ai` and another `human`, there is no verdict to stand by. A model that has no
    /// weight beside the others has no say here either.
    func contradiction(_ logits: [String: Double]) -> Abstention? {
        guard let together = ensemble(for: logits.keys) else { return nil }
        var (ai, human): ([String], [String]) = ([], [])
        for (model, weight) in zip(together.models, together.weights) where weight > 0 {
            guard let alone = ensemble(for: [model]), let probability = alone.probability(logits: logits) else {
                continue
            }
            switch alone.verdict(probability) {
            case .ai: ai.append(model)
            case .human: human.append(model)
            case .uncertain: break
            }
        }
        return ai.isEmpty || human.isEmpty ? nil : .modelsContradict(ai: ai, human: human)
    }
}
