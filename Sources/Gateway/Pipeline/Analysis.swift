import Features

/// Everything that is known of an essay at the end of the pipeline.
struct Analysis: Sendable {
    var verdict: Verdict
    var probability: Double
    /// Why the verdict is `uncertain`; empty where it is not.
    var reasons: [Abstention]
    var ensemble: Ensemble
    var scores: [ModelScore]
    var missing: [MissingModel]
    var passages: [Passage]
    var features: FeatureVector
    var explanation: Explanation
    var hygiene: Hygiene
    var wordCount: Int
    var tokenCount: Int
    /// Of the scoring file that weights and thresholds come from.
    var scoringVersion: String
    var timings: StageTimings
}

/// One model's say.
struct ModelScore: Sendable, Equatable {
    var model: ModelName
    /// The version that answered.
    var version: String
    /// Natural logarithm of p(AI) / p(human).
    var logit: Double
    /// Wall time of the model's calls.
    var milliseconds: Double
}

/// A model that did not take part.
struct MissingModel: Sendable, Equatable {
    var model: ModelName
    var reason: String
}

/// A window of the essay with a probability of its own.
struct Passage: Sendable, Equatable {
    /// UTF-8 bytes of the text as posted.
    var range: Range<Int>
    var probability: Double
}

/// A reason not to commit to a verdict.
enum Abstention: Sendable, Equatable {
    case betweenThresholds
    case tooShort(words: Int)
    case notEnglish
    case unknownTokens(share: Double)
    case featuresOutOfRange([String])
    /// Models that alone would say `ai`, and models that alone would say `human`.
    case modelsContradict(ai: [String], human: [String])

    enum Code: String, CaseIterable, Sendable {
        case betweenThresholds = "between_thresholds"
        case tooShort = "too_short"
        case notEnglish = "not_english"
        case unknownTokens = "unknown_tokens"
        case featuresOutOfRange = "features_out_of_range"
        case modelsContradict = "models_contradict"
    }

    var code: Code {
        switch self {
        case .betweenThresholds: .betweenThresholds
        case .tooShort: .tooShort
        case .notEnglish: .notEnglish
        case .unknownTokens: .unknownTokens
        case .featuresOutOfRange: .featuresOutOfRange
        case .modelsContradict: .modelsContradict
        }
    }

    /// For people.
    var message: String {
        switch self {
        case .betweenThresholds:
            "The probability lies between the two thresholds: too many essays of both kinds score like this."
        case .tooShort(let words):
            "The text has \(words) words; under \(Self.minimumWords) there is too little to judge."
        case .notEnglish:
            "The text does not look like English, which is all that the models were trained on."
        case .unknownTokens(let share):
            "\((share * 100).rounded())% of the tokens are unknown to the models."
        case .featuresOutOfRange(let names):
            "The text is unlike every essay the models were trained on, in: "
                + names.prefix(Self.namedFeatures).joined(separator: ", ")
                + (names.count > Self.namedFeatures ? " and \(names.count - Self.namedFeatures) more features." : ".")
        case .modelsContradict(let ai, let human):
            "The models contradict each other: \(ai.joined(separator: ", ")) alone would say AI, "
                + "\(human.joined(separator: ", ")) alone would say human."
        }
    }

    static let minimumWords = 50
    /// From here on too little of the text reaches the models.
    static let maximumUnknownShare = 0.2
    /// One feature out of range happens to ordinary essays; several together do not.
    static let outOfRangeFeatures = 3
    /// How many of them the message names.
    private static let namedFeatures = 8
}
