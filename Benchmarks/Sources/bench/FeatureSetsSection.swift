import Features
import Foundation

/// Features that are measured together, each time from the text as it was posted.
enum FeatureSet: String, CaseIterable {
    /// What textstat and Empath compute, too.
    case comparable
    /// All that need no syntax.
    case lexical
    /// All but those of the sentences' embeddings, which a Triton gives.
    case everything

    private static let comparableFamilies: Set = ["readability", "psycholinguistics"]

    var families: [FeatureExtractor.Family] {
        switch self {
        case .comparable: FeatureExtractor.families.filter { Self.comparableFamilies.contains($0.name) }
        case .lexical: FeatureExtractor.families.filter { !$0.needsSyntax }
        case .everything: FeatureExtractor.families
        }
    }

    /// What the gateway does to a text, up to these features.
    var extraction: (String) -> [Double] {
        if self == .everything { return { FeatureExtractor.lexical(Document(TextCleaner.clean($0))).values } }
        let families = families
        return { text in
            let analyzed = AnalyzedText(Document(TextCleaner.clean(text)))
            var values: [Double] = []
            values.reserveCapacity(FeatureSchema.lexical.count)
            for family in families { family.append(analyzed, to: &values) }
            return values
        }
    }

    /// In the order of the values.
    var names: [String] {
        let families = Set(families.map(\.name))
        return FeatureSchema.lexical.definitions.filter { families.contains($0.family) }.map(\.name)
    }
}

/// Passes over all essays, one set of features at a time: the figures that are set beside other libraries'.
enum FeatureSetsSection: Section {
    private static let rounds = 15

    static func measure(_ essays: Essays) -> [String: Figure] {
        FeatureExtractor.prepare()
        let rows = FeatureSet.allCases.map { set -> [String: Figure] in
            let extract = set.extraction
            let pass = Measurement(rounds: rounds) { for text in essays.texts { keep(extract(text)) } }
            return [
                "set": .text(set.rawValue),
                "features": .number(Double(set.names.count)),
                "best_us_per_essay": .number(pass.best * 1e6 / Double(essays.texts.count)),
                "median_us_per_essay": .number(pass.median * 1e6 / Double(essays.texts.count)),
                "mallocs_per_essay": .number(Cost.mallocs(of: essays.texts, extract)),
            ]
        }
        return ["rounds": .number(Double(rounds)), "sets": .rows(rows)]
    }

    private struct Line: Encodable {
        var text: String
        var features: [String: Double]
    }

    /// Each text as cleaned and its comparable features, a JSON object a line: others get the same text, and what is
    /// measured is compared with what they find.
    static func writeFeatures(_ essays: Essays) throws {
        let (extract, names) = (FeatureSet.comparable.extraction, FeatureSet.comparable.names)
        let encoder = JSONEncoder()
        for text in essays.texts {
            let features = Dictionary(uniqueKeysWithValues: zip(names, extract(text)))
            let line = Line(text: TextCleaner.clean(text).text, features: features)
            FileHandle.standardOutput.write(try encoder.encode(line) + Data("\n".utf8))
        }
    }
}
