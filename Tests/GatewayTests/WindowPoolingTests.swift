import Testing

@testable import Gateway

@Suite struct `An essay's logit` {
    @Test func `is the mean over the tokens where nothing was fitted`() {
        #expect(abs(WindowPooling.mean.essayLogit([2, -1], tokens: [100, 50]) - 1) < 1e-12)
    }

    @Test func `leans to the windows that look like AI when the slope is above 0, and never leaves their range`() {
        let logits = [-4.0, 1, 3]
        var last = WindowPooling(slope: -50, gain: 0).essayLogit(logits, tokens: [10, 10, 10])
        #expect(abs(last + 4) < 1e-9)
        for slope in [-1.0, -0.1, 0, 0.1, 1, 2, 800] {
            let logit = WindowPooling(slope: slope, gain: 0).essayLogit(logits, tokens: [10, 10, 10])
            #expect(logit > last && logit <= 3)
            last = logit
        }
    }

    @Test func `grows with the number of windows that agree`() {
        let pooling = WindowPooling(slope: 0.3, gain: 0.5)
        #expect(abs(pooling.essayLogit([2], tokens: [7]) - 2) < 1e-12)
        #expect(abs(pooling.essayLogit([2, 2, 2, 2], tokens: [7, 8, 9, 7]) - 4) < 1e-12)
    }

    @Test func `is 0 without windows`() {
        #expect(WindowPooling(slope: 1, gain: 1).essayLogit([], tokens: []) == 0)
    }
}

@Suite struct `Models that contradict each other` {
    private let names = ModelName.scorers.map(\.rawValue)

    @Test func `are a reason to abstain, and both sides are named`() {
        let found = Fixture.scoring.contradiction([names[0]: 4, names[1]: -4, names[2]: 0])
        #expect(found == .modelsContradict(ai: [names[0]], human: [names[1]]))
    }

    @Test(arguments: [[4.0, 4, 4], [-4, -4, 0], [4, 0, 0.5], [0, 0, 0]])
    func `are not those that agree or do not know`(logits: [Double]) {
        #expect(Fixture.scoring.contradiction(Dictionary(uniqueKeysWithValues: zip(names, logits))) == nil)
    }

    @Test func `have no say without a weight in the ensemble`() {
        var scoring = Fixture.scoring
        for index in scoring.ensembles.indices where scoring.ensembles[index].models.count == names.count {
            scoring.ensembles[index].weights = scoring.ensembles[index].models.map { $0 == names[1] ? 0 : 0.5 }
        }
        #expect(scoring.contradiction([names[0]: 4, names[1]: -4, names[2]: 4, names[3]: 4]) == nil)
    }
}
