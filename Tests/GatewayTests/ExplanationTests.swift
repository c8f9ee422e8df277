import Features
import Testing

@testable import Gateway

@Suite struct `The explanation` {
    private let names = FeatureSchema.current.names
    private var features: FeatureVector {
        FeatureExtractor.lexical(Document(TextCleaner.clean(`The pipeline`.essay))).completed(embeddings: [])
    }

    private func explain(_ scores: [(String, Double)], verdict: Verdict = .ai) -> Explanation {
        let reference = Reference(
            human: (0...100).map { Double($0) / 10 }, ai: (0...100).map { Double($0) / 5 }, minimum: 0, maximum: 20)
        return Explanation(
            verdict: verdict, reasons: verdict == .uncertain ? [.notEnglish] : [],
            additive: AdditiveScores(
                intercept: 0.5, terms: scores.map(\.0), scores: scores.map(\.1),
                logit: scores.reduce(0.5) { $0 + $1.1 }),
            features: features, references: Dictionary(uniqueKeysWithValues: names.map { ($0, reference) }))
    }

    @Test func `tells the strongest terms first, whichever way they pull`() {
        let explanation = explain([(names[0], 0.1), (names[1], -2), (names[2], 1)])
        #expect(explanation.terms.map(\.name) == [names[1], names[2], names[0]])
        #expect(explanation.terms[0].sentence.contains("human writer"))
        #expect(explanation.terms[1].sentence.contains("language model"))
    }

    @Test func `tells no more than eight`() {
        #expect(explain((0..<names.count).map { (names[$0], Double($0)) }).terms.count == 8)
    }

    @Test func `an interaction names both features with their values`() {
        let term = explain([("\(names[0]) & \(names[1])", 1)]).terms[0]
        #expect(term.features.map(\.name) == [names[0], names[1]])
        #expect(term.features.map(\.value) == [features.values[0], features.values[1]])
    }

    @Test func `places the value among human and AI essays`() throws {
        let part = try #require(explain([(names[0], 1)]).terms[0].features.first)
        #expect(part.humanMedian == 5)
        #expect(part.aiMedian == 10)
        #expect(part.humanPercentile >= part.aiPercentile)
    }

    @Test func `says in plain words where the text stands among human essays`() {
        func sentence(_ name: String, _ human: [Double], _ contribution: Double) -> String? {
            let reference = Reference(human: human, ai: human, minimum: 0, maximum: 1)
            return Explanation(
                verdict: .ai, reasons: [],
                additive: AdditiveScores(intercept: 0, terms: [name], scores: [contribution], logit: contribution),
                features: features, references: [name: reference]
            ).terms.first?.sentence
        }
        let value = features["sentence_length_variation"] ?? 0
        let varied = (0..<101).map { $0 < 9 ? value - 1 : value + 1 }
        #expect(
            sentence("sentence_length_variation", varied, 1)
                == "Sentences vary less in length than in 91% of the human essays; this speaks for a language model.")
        #expect(
            sentence("sentence_length_variation", varied.map { 2 * value - $0 }, -1)
                == "Sentences vary more in length than in 91% of the human essays; this speaks for a human writer.")
        // Most essays do not speak of it, and neither does this one.
        #expect(features["royalty"] == 0)
        #expect(
            sentence("royalty", (0..<101).map { $0 < 60 ? 0 : 0.1 }, -1)
                == "'royalty' is as in most human essays; this speaks for a human writer.")
        #expect(
            sentence("royalty", [Double](repeating: 0.1, count: 101), 1)
                == "Words about royalty are rarer than in nearly all of the human essays; this speaks for a language model."
        )
    }

    @Test func `has words for every feature`() {
        let definitions = FeatureSchema.current.definitions
        let spoken = Set(FeaturePhrase.clauses.keys).union(FeaturePhrase.partsOfSpeech.keys)
        #expect(Set(definitions.filter { $0.family != "psycholinguistics" }.map(\.name)) == spoken)
        for definition in definitions {
            let phrase = FeaturePhrase(of: definition.name)
            #expect(phrase.more != phrase.less && !phrase.more.contains("_") && !phrase.less.contains("_"))
        }
    }

    @Test func `without a verdict it says why`() {
        #expect(explain([], verdict: .uncertain).summary.contains(Abstention.notEnglish.message))
    }

    @Test func `never claims proof`() {
        for verdict in [Verdict.ai, .human] { #expect(explain([], verdict: verdict).summary.contains("not proof")) }
    }
}

@Suite struct `An EBM's answer` {
    @Test func `adds up within what 32-bit floats hold`() {
        func scores(_ logit: Double) -> AdditiveScores {
            AdditiveScores(intercept: 0.1, terms: ["a", "b"], scores: [1.5, -0.25], logit: logit)
        }
        #expect(scores(1.35).addsUp)
        #expect(scores(1.35001).addsUp)
        #expect(!scores(1.36).addsUp)
    }
}
