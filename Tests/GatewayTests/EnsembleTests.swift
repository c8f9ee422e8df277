import Features
import Foundation
import Testing

@testable import Gateway

@Suite struct `The ensemble` {
    private let ensemble = Ensemble(
        models: ["a", "b"], intercept: -1, weights: [2, 0.5], thresholds: .init(human: 0.2, ai: 0.9),
        heldOut: .init(
            humans: 5, humansAtOrAboveAIThreshold: 1, falsePositiveRateUpper95: 0.6, ai: 4, aiAtOrBelowHumanThreshold: 0
        ),
        humanScores: [0.01, 0.1, 0.1, 0.5, 0.95])

    @Test func `is the logistic function of the weighted logits`() throws {
        let probability = try #require(ensemble.probability(logits: ["a": 1.5, "b": -2]))
        #expect(abs(probability - 1 / (1 + exp(-(-1 + 3 - 1)))) < 1e-15)
    }

    @Test func `has nothing to say when a model is missing`() {
        #expect(ensemble.probability(logits: ["a": 1]) == nil)
    }

    @Test(arguments: [
        (0.2, Verdict.human), (0.2000001, .uncertain), (0.8999, .uncertain), (0.9, .ai), (1, .ai), (0, .human),
    ])
    func `commits itself only outside the thresholds`(probability: Double, verdict: Verdict) {
        #expect(ensemble.verdict(probability) == verdict)
    }

    @Test(arguments: [(0.0, 5), (0.01, 5), (0.1, 4), (0.11, 2), (0.95, 1), (0.96, 0), (1, 0)])
    func `counts the held-out humans who score as high`(probability: Double, count: Int) {
        #expect(ensemble.humansScoring(atLeast: probability) == count)
    }

    @Test(arguments: [-800.0, -30, 0, 30, 800])
    func `the logistic function stays in range`(x: Double) {
        #expect((0...1).contains(sigmoid(x)))
        #expect(abs(sigmoid(x) + sigmoid(-x) - 1) < 1e-12)
    }
}

@Suite struct `The built-in scoring file` {
    private func scoring() throws -> Scoring { try Scoring(json: BuiltInScoring.json) }

    @Test func `has a fit for every set of models that may answer`() throws {
        let scoring = try scoring()
        let names = ModelName.scorers.map(\.rawValue)
        for bits in 1..<(1 << names.count) {
            let subset = names.enumerated().filter { bits & (1 << $0.offset) != 0 }.map(\.element)
            #expect(scoring.ensemble(for: subset) != nil, "no fit for \(subset)")
        }
    }

    @Test func `calls at most one in a hundred held-out humans AI`() throws {
        for ensemble in try scoring().ensembles {
            #expect(ensemble.humanScores.count == ensemble.heldOut.humans)
            #expect(ensemble.heldOut.humans >= 1000)
            let above = ensemble.humansScoring(atLeast: ensemble.thresholds.ai)
            #expect(above == ensemble.heldOut.humansAtOrAboveAIThreshold)
            #expect(Double(above) / Double(ensemble.heldOut.humans) <= 0.01)
            #expect(ensemble.heldOut.falsePositiveRateUpper95 >= Double(above) / Double(ensemble.heldOut.humans))
        }
    }

    @Test func `knows every feature of the schema`() throws {
        let scoring = try scoring()
        #expect(scoring.featureSchemaHash == FeatureSchema.current.hash)
        #expect(Set(scoring.references.keys) == Set(FeatureSchema.current.names))
        for (name, reference) in scoring.references {
            #expect(reference.human.count == 101 && reference.ai.count == 101, "\(name)")
            #expect(reference.human == reference.human.sorted() && reference.ai == reference.ai.sorted(), "\(name)")
        }
    }

    @Test(arguments: [
        (#"{"models": ["a"], "weights": [1, 2]}"#, "weight"),
        (#"{"thresholds": {"human": 0.9, "ai": 0.1}}"#, "threshold"),
        (#"{"human_scores": [0.2, 0.1]}"#, "sorted"),
    ])
    func `is refused when its numbers make no sense`(change: String, word: String) throws {
        var root = try #require(try JSONSerialization.jsonObject(with: BuiltInScoring.json) as? [String: Any])
        var ensembles = try #require(root["ensembles"] as? [[String: Any]])
        let changes = try #require(try JSONSerialization.jsonObject(with: Data(change.utf8)) as? [String: Any])
        ensembles[0].merge(changes) { $1 }
        root["ensembles"] = ensembles
        let data = try JSONSerialization.data(withJSONObject: root)
        let error = #expect(throws: Scoring.Invalid.self) { try Scoring(json: data) }
        #expect(error?.description.contains(word) == true)
    }
}

@Suite struct `A reference distribution` {
    @Test func `places a value among its quantiles`() {
        let quantiles = (0...100).map(Double.init)
        #expect(Reference.percentile(of: -1, in: quantiles) == 0)
        #expect(Reference.percentile(of: 101, in: quantiles) == 100)
        #expect(abs(Reference.percentile(of: 50, in: quantiles) - 50) < 1)
        #expect(Reference.median(of: quantiles) == 50)
    }

    @Test func `ties count half, so that a constant feature says nothing`() {
        #expect(Reference.percentile(of: 3, in: Array(repeating: 3, count: 101)) == 50)
    }
}
