import Foundation

/// Logistic stacking of the models' logits: p(AI) = σ(intercept + Σ weight · logit), with the verdict's thresholds
/// and the error rates measured for them.
struct Ensemble: Codable, Sendable, Equatable {
    var models: [String]
    var intercept: Double
    /// In the order of `models`.
    var weights: [Double]
    var thresholds: Thresholds
    var heldOut: HeldOut
    /// p(AI) of every human essay that `heldOut` counts, ascending.
    var humanScores: [Double]

    struct Thresholds: Codable, Sendable, Equatable {
        /// At or below: `human`.
        var human: Double
        /// At or above: `ai`.
        var ai: Double
    }

    /// Counts over essays, judged by models that were not trained on their source (training/cross_fit.py).
    struct HeldOut: Codable, Sendable, Equatable {
        var humans: Int
        var humansAtOrAboveAIThreshold: Int
        /// Clopper-Pearson, one-sided.
        var falsePositiveRateUpper95: Double
        var ai: Int
        var aiAtOrBelowHumanThreshold: Int

        enum CodingKeys: String, CodingKey {
            case humans, ai
            case humansAtOrAboveAIThreshold = "humans_at_or_above_ai_threshold"
            case falsePositiveRateUpper95 = "false_positive_rate_upper_95"
            case aiAtOrBelowHumanThreshold = "ai_at_or_below_human_threshold"
        }
    }

    enum CodingKeys: String, CodingKey {
        case models, intercept, weights, thresholds
        case heldOut = "held_out"
        case humanScores = "human_scores"
    }

    /// p(AI) for the logits of exactly this ensemble's models, by name; nil where one is missing.
    func probability(logits: [String: Double]) -> Double? {
        var sum = intercept
        for (model, weight) in zip(models, weights) {
            guard let logit = logits[model] else { return nil }
            sum += weight * logit
        }
        return sigmoid(sum)
    }

    /// What the probability alone says.
    func verdict(_ probability: Double) -> Verdict {
        if probability >= thresholds.ai { return .ai }
        if probability <= thresholds.human { return .human }
        return .uncertain
    }

    /// How many held-out human essays score at least this high. Binary search.
    func humansScoring(atLeast probability: Double) -> Int {
        var (low, high) = (0, humanScores.count)
        while low < high {
            let middle = (low + high) / 2
            if humanScores[middle] < probability { low = middle + 1 } else { high = middle }
        }
        return humanScores.count - low
    }
}

enum Verdict: String, Codable, Sendable, CaseIterable {
    case human, ai, uncertain
}

/// The logistic function, without overflow for large negative inputs.
func sigmoid(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let e = exp(x)
    return e / (1 + e)
}
