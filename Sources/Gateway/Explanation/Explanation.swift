import Features

/// Why, in terms of the features: the EBM's strongest terms, and sentences that can be repeated to a person.
struct Explanation: Sendable, Equatable {
    /// One sentence on the verdict.
    var summary: String
    /// Empty where the EBM did not answer.
    var terms: [Term]
    var intercept: Double?
    /// intercept + Σ of **all** terms' contributions, not of the strongest alone.
    var logit: Double?

    /// One term of the EBM: a feature, or two that act together.
    struct Term: Sendable, Equatable {
        var name: String
        /// In logits; positive speaks for AI.
        var contribution: Double
        var features: [FeatureInTerm]
        var sentence: String
    }

    /// A feature's value beside what is usual.
    struct FeatureInTerm: Sendable, Equatable {
        var name: String
        var value: Double
        var humanMedian: Double
        var aiMedian: Double
        /// Percent of the human essays that lie below the value.
        var humanPercentile: Double
        var aiPercentile: Double
    }

    /// How many terms are told.
    static let strongest = 8

    init(
        verdict: Verdict, reasons: [Abstention], additive: AdditiveScores?, features: FeatureVector,
        references: [String: Reference]
    ) {
        summary = Self.summary(verdict, reasons)
        intercept = additive?.intercept
        logit = additive?.logit
        terms = []
        guard let additive else { return }
        terms = zip(additive.terms, additive.scores)
            .sorted { (abs($0.1), $1.0) > (abs($1.1), $0.0) }
            .prefix(Self.strongest)
            .map { name, contribution in
                let parts = Self.featureNames(ofTerm: name).compactMap { feature in
                    Self.describe(feature, features, references)
                }
                return Term(
                    name: name, contribution: contribution, features: parts,
                    sentence: Self.sentence(parts, references, contribution))
            }
    }

    /// The features of a term; an interaction is written `a & b`.
    static func featureNames(ofTerm term: String) -> [String] {
        term.split(separator: "&").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }

    private static func describe(
        _ name: String, _ features: FeatureVector, _ references: [String: Reference]
    ) -> FeatureInTerm? {
        guard let value = features[name], let reference = references[name] else { return nil }
        return FeatureInTerm(
            name: name, value: value, humanMedian: Reference.median(of: reference.human),
            aiMedian: Reference.median(of: reference.ai),
            humanPercentile: Reference.percentile(of: value, in: reference.human),
            aiPercentile: Reference.percentile(of: value, in: reference.ai))
    }

    /// "Sentences vary less in length than in 91% of the human essays; this speaks for a language model."
    private static func sentence(
        _ parts: [FeatureInTerm], _ references: [String: Reference], _ contribution: Double
    ) -> String {
        let side = contribution >= 0 ? "speaks for a language model" : "speaks for a human writer"
        let facts = parts.map { part in comparison(part, with: references[part.name]?.human ?? []) }
        guard let first = facts.first else { return "This \(side)." }
        let capital = first.prefix(1).uppercased() + first.dropFirst()
        return "\(([capital] + facts.dropFirst()).joined(separator: ", and ")); this \(side)."
    }

    /// Values that equal the text's are neither above nor below it: of a feature that most essays have not at all, a text
    /// without it is usual.
    private static func comparison(_ part: FeatureInTerm, with human: [Double]) -> String {
        let below = Reference.percent(of: human, where: { $0 < part.value })
        let above = Reference.percent(of: human, where: { $0 > part.value })
        let phrase = FeaturePhrase(of: part.name)
        let (clause, percent) = below >= above ? (phrase.more, below) : (phrase.less, above)
        switch percent {
        case ..<55:
            let words = part.name.split(separator: "_").joined(separator: " ")
            return "'\(words)' is as in most human essays"
        case 99.5...: return "\(clause) than in nearly all of the human essays"
        default: return "\(clause) than in \(Int(percent.rounded()))% of the human essays"
        }
    }

    private static func summary(_ verdict: Verdict, _ reasons: [Abstention]) -> String {
        switch verdict {
        case .human: "The text reads like the human essays that the models know. This is a probability, not proof."
        case .ai:
            "The text reads like essays by language models. This is a probability, not proof: talk to the writer "
                + "before drawing a conclusion."
        case .uncertain: "No verdict. " + reasons.map(\.message).joined(separator: " ")
        }
    }
}
