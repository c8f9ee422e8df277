import Features

/// The body of `POST /v1/analyze`, and of each line of `gateway analyze --jsonl`.
struct AnalyzeReply: Encodable, Sendable {
    var requestID: String
    var verdict: String
    var probabilityAI: Double
    var reasons: [Reason]
    var thresholds: Ensemble.Thresholds
    var falsePositives: FalsePositives
    var models: [Model]
    var degraded: Bool
    var missingModels: [Missing]
    var passages: [PassageReply]
    var passagesNote = Self.passagesNote
    var features: [String: Double]
    var featureSchemaHash: String
    var explanation: ExplanationReply
    var hygiene: [String: Int]
    var words: Int
    var tokens: Int
    /// Names of the fields that hold only their strongest entries, so that the reply stays within what a GPT's action
    /// takes: 100,000 characters.
    var trimmed: [String]
    var scoringVersion: String
    var timings: [String: Double]

    struct Reason: Encodable, Sendable {
        var code: String
        var message: String
    }

    /// 'Of `humans_held_out` human essays, `humans_scoring_this_high` score at least as high.'
    struct FalsePositives: Encodable, Sendable {
        var humansHeldOut: Int
        var humansScoringThisHigh: Int
        var rate: Double
        var rateAtAIThreshold: Double
        var rateAtAIThresholdUpper95: Double

        enum CodingKeys: String, CodingKey {
            case rate
            case humansHeldOut = "humans_held_out"
            case humansScoringThisHigh = "humans_scoring_this_high"
            case rateAtAIThreshold = "rate_at_ai_threshold"
            case rateAtAIThresholdUpper95 = "rate_at_ai_threshold_upper_95"
        }
    }

    struct Model: Encodable, Sendable {
        var name: String
        var version: String
        var logit: Double
        var probabilityAI: Double
        /// Of the model's logit in the ensemble.
        var weight: Double
        var milliseconds: Double

        enum CodingKeys: String, CodingKey {
            case name, version, logit, weight, milliseconds
            case probabilityAI = "probability_ai"
        }
    }

    struct Missing: Encodable, Sendable {
        var name: String
        var reason: String
    }

    struct PassageReply: Encodable, Sendable {
        var start: Int
        var end: Int
        var probabilityAI: Double

        enum CodingKeys: String, CodingKey {
            case start, end
            case probabilityAI = "probability_ai"
        }
    }

    static let passagesNote =
        "A passage is a hint where to look, not proof: its probability comes from few words and was not calibrated by "
        + "itself."

    enum CodingKeys: String, CodingKey {
        case verdict, reasons, thresholds, models, degraded, passages, features, explanation, hygiene, words, tokens,
            trimmed, timings
        case requestID = "request_id"
        case probabilityAI = "probability_ai"
        case falsePositives = "false_positives"
        case missingModels = "missing_models"
        case passagesNote = "passages_note"
        case featureSchemaHash = "feature_schema_hash"
        case scoringVersion = "scoring_version"
    }

    /// More than the longest text has with the default `limits.max_tokens`.
    static let maximumPassages = 256

    init(_ analysis: Analysis, requestID: String) {
        let ensemble = analysis.ensemble
        self.requestID = requestID
        scoringVersion = analysis.scoringVersion
        verdict = analysis.verdict.rawValue
        probabilityAI = analysis.probability
        reasons = analysis.reasons.map { Reason(code: $0.code.rawValue, message: $0.message) }
        thresholds = ensemble.thresholds
        falsePositives = FalsePositives(ensemble, probability: analysis.probability)
        models = analysis.scores.map { Model($0, in: ensemble) }
        degraded = !analysis.missing.isEmpty
        missingModels = analysis.missing.map { Missing(name: $0.model.rawValue, reason: $0.reason) }
        let strongest = analysis.passages.strongest(Self.maximumPassages)
        passages = strongest.map {
            PassageReply(start: $0.range.lowerBound, end: $0.range.upperBound, probabilityAI: $0.probability)
        }
        trimmed = strongest.count < analysis.passages.count ? ["passages"] : []
        features = analysis.features.dictionary
        featureSchemaHash = FeatureSchema.current.hash
        explanation = ExplanationReply(analysis.explanation)
        hygiene = Dictionary(uniqueKeysWithValues: analysis.hygiene.counts.map { ($0.name, $0.count) })
        words = analysis.wordCount
        tokens = analysis.tokenCount
        timings = analysis.timings.milliseconds
    }
}

extension [Passage] {
    /// The `count` with the highest probability, in the order of the text.
    fileprivate func strongest(_ count: Int) -> [Passage] {
        guard self.count > count else { return self }
        return indices.sorted { (self[$0].probability, $1) > (self[$1].probability, $0) }
            .prefix(count).sorted().map { self[$0] }
    }
}

extension AnalyzeReply.FalsePositives {
    init(_ ensemble: Ensemble, probability: Double) {
        humansHeldOut = ensemble.humanScores.count
        humansScoringThisHigh = ensemble.humansScoring(atLeast: probability)
        rate = Double(humansScoringThisHigh) / Double(max(1, humansHeldOut))
        rateAtAIThreshold =
            Double(ensemble.heldOut.humansAtOrAboveAIThreshold) / Double(max(1, ensemble.heldOut.humans))
        rateAtAIThresholdUpper95 = ensemble.heldOut.falsePositiveRateUpper95
    }
}

extension AnalyzeReply.Model {
    init(_ score: ModelScore, in ensemble: Ensemble) {
        name = score.model.rawValue
        version = score.version
        logit = score.logit
        probabilityAI = sigmoid(score.logit)
        weight = zip(ensemble.models, ensemble.weights).first { $0.0 == score.model.rawValue }?.1 ?? 0
        milliseconds = score.milliseconds
    }
}

/// `explanation` of the reply.
struct ExplanationReply: Encodable, Sendable {
    var summary: String
    var intercept: Double?
    var logit: Double?
    var terms: [Term]

    struct Term: Encodable, Sendable {
        var name: String
        var contribution: Double
        var sentence: String
        var features: [Feature]
    }

    struct Feature: Encodable, Sendable {
        var name: String
        var value: Double
        var humanMedian: Double
        var aiMedian: Double
        var humanPercentile: Double
        var aiPercentile: Double

        enum CodingKeys: String, CodingKey {
            case name, value
            case humanMedian = "human_median"
            case aiMedian = "ai_median"
            case humanPercentile = "human_percentile"
            case aiPercentile = "ai_percentile"
        }
    }

    init(_ explanation: Explanation) {
        summary = explanation.summary
        intercept = explanation.intercept
        logit = explanation.logit
        terms = explanation.terms.map { term in
            Term(
                name: term.name, contribution: term.contribution, sentence: term.sentence,
                features: term.features.map { part in
                    Feature(
                        name: part.name, value: part.value, humanMedian: part.humanMedian, aiMedian: part.aiMedian,
                        humanPercentile: part.humanPercentile, aiPercentile: part.aiPercentile)
                })
        }
    }
}
