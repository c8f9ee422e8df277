import Features
import Testing
import TritonClient

@testable import Gateway

@Suite struct `The contract with a model` {
    private let scoring = Fixture.scoring

    private func judge(
        _ model: ModelName, _ change: (inout ModelMetadata, inout ModelConfiguration) -> Void = { _, _ in }
    ) -> ModelState {
        var (metadata, configuration) = (Fixture.metadata(model), Fixture.configuration(model))
        change(&metadata, &configuration)
        return ModelCatalog.judge(model, metadata, configuration, scoring: scoring)
    }

    private func differences(_ state: ModelState) -> [String] {
        if case .mismatch(let differences) = state { differences } else { [] }
    }

    @Test(arguments: ModelName.allCases) func `accepts the model it was made for`(model: ModelName) {
        #expect(judge(model).info != nil)
    }

    @Test func `names an input that is called otherwise`() {
        let found = differences(judge(.bertBiLSTM) { metadata, _ in metadata.inputs[0].name = "ids" })
        #expect(found.contains("input input_ids is missing (the model has ids, attention_mask)"))
        #expect(found.contains("the model wants an input ids that the gateway does not send"))
    }

    @Test func `names a type and a shape that differ`() {
        let found = differences(
            judge(.bertClassifier) { metadata, _ in
                metadata.inputs[1].datatype = "INT32"
                metadata.outputs[0].shape = [-1, 3]
            })
        #expect(
            found == [
                "input attention_mask is INT32, expected INT64", "output logits has shape [-1, 3], expected [-1, 2]",
            ])
    }

    @Test func `names the first feature that differs`() {
        let found = differences(
            judge(.ebm) { _, configuration in
                var names = FeatureSchema.current.names
                names.swapAt(1, 2)
                configuration.parameters["feature_names"] = names.joined(separator: ",")
                configuration.parameters["feature_schema_hash"] = "other"
            })
        let names = FeatureSchema.current.names
        #expect(found.contains("feature 1 is \(names[2]), expected \(names[1])"))
        #expect(found.contains { $0.contains("feature_schema_hash is other") })
    }

    @Test func `refuses weights that the calibration was not fitted for`() {
        let found = differences(judge(.bertBiLSTM) { $1.parameters["fit_id"] = "deadbeef" })
        #expect(found == ["the calibration was fitted for fit_id fit-bert_bilstm, the server has deadbeef"])
    }

    @Test(arguments: [nil, "", "[]", "{}", "[1]"]) func `an EBM must bring its terms`(terms: String?) {
        let found = differences(judge(.ebm) { $1.parameters["term_names"] = terms })
        #expect(found.contains { $0.contains("term_names") })
    }

    @Test(arguments: [nil, "x", "nan", "inf"]) func `an EBM must bring a finite intercept`(intercept: String?) {
        let found = differences(judge(.ebm) { $1.parameters["intercept"] = intercept })
        #expect(found.contains { $0.contains("intercept") })
    }
}

@Suite struct `How ready the gateway is` {
    private func readiness(without missing: Set<ModelName> = [], mismatched: Set<ModelName> = []) -> Readiness {
        let states = ModelName.allCases.map { model -> (ModelName, ModelState) in
            if missing.contains(model) { return (model, .unavailable("away")) }
            if mismatched.contains(model) { return (model, .mismatch(["other"])) }
            return (model, Fixture.ready(model))
        }
        return Readiness(Dictionary(uniqueKeysWithValues: states), scoring: Fixture.scoring)
    }

    @Test func `all there: ready`() {
        #expect(readiness() == .ready)
    }

    @Test(arguments: ModelName.allCases) func `one away: degraded`(model: ModelName) {
        #expect(readiness(without: [model]) == .degraded)
    }

    @Test(arguments: ModelName.allCases) func `one of another kind: not ready`(model: ModelName) {
        #expect(readiness(mismatched: [model]) == .notReady)
    }

    @Test func `no scorer: not ready`() {
        #expect(readiness(without: Set(ModelName.scorers)) == .notReady)
        #expect(readiness(without: Set(ModelName.allCases)) == .notReady)
    }

    @Test func `the EBM cannot answer without the sentence encoder`() {
        #expect(readiness(without: Set(ModelName.classifiers + [.sentenceEncoder])) == .notReady)
    }

    @Test func `nothing is known at start`() {
        #expect(Readiness([:], scoring: Fixture.scoring) == .notReady)
    }
}
