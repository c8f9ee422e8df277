import Testing

@testable import Features

@Suite("Empath's categories")
struct EmpathTests {
    @Test("The shares are those of the empath package", arguments: EmpathGolden.cases)
    func shares(text: String, shares: [String: Double]) throws {
        let features = FeatureExtractor.lexical(Document(text))
        for name in EmpathLexicon.names {
            #expect(abs(try #require(features[name]) - (shares[name] ?? 0)) < 1e-9, "\(name) of \(text)")
        }
    }

    @Test("All 194 categories are there, each with its terms")
    func categories() {
        #expect(EmpathLexicon.names.count == 194)
        #expect(Set(EmpathLexicon.names).count == 194)
        #expect(EmpathLexicon.termCounts.allSatisfy { $0 > 0 })
        #expect(EmpathLexicon.termCounts.reduce(0, +) == EmpathCategories.pairCount)
        var terms = Set<[UInt8]>()
        FrontCoding.forEachTerm(in: EmpathCategories.encoded) { term, categories in
            terms.insert(term)
            #expect(!categories.isEmpty && categories.allSatisfy { $0 < 194 })
        }
        #expect(terms.count == EmpathCategories.termCount)
    }
}
