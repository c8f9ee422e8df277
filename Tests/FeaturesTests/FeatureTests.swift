import Foundation
import Testing

@testable import Features

@Suite("Features")
struct FeatureTests {
    /// Scores differ from textstat's only by the order of floating-point operations.
    private static let tolerance = 1e-9

    @Test("Readability is textstat's on ordinary prose", arguments: ReadabilityGolden.cases)
    func readability(text: String, scores: [String: Double]) throws {
        let features = FeatureExtractor.lexical(Document(text))
        #expect(scores.count == 9)
        for (name, score) in scores {
            #expect(abs(try #require(features[name]) - score) < Self.tolerance, "\(name)")
        }
    }

    @Test("What textstat's regular expressions miscount is counted as written")
    func differencesFromTextstat() {
        let measures = Readability.measure(Document("Mr. Lee’s well-known dog didn’t eat 3.5 apples – or pears/figs."))
        #expect(measures.sentences == 1)
        // Mr Lee’s well-known dog didn’t eat 3.5 apples or pears figs
        #expect(measures.words == 11)
        #expect(measures.syllables == 2 + 1 + 2 + 1 + 2 + 1 + 1 + 2 + 1 + 1 + 1)
        #expect(measures.polysyllables == 0)
    }

    @Test("Entropy is that of the scalars, white space included")
    func entropy() throws {
        func entropy(_ text: String) throws -> Double {
            try #require(FeatureExtractor.lexical(Document(text))["textual_entropy"])
        }
        #expect(try entropy("") == 0)
        #expect(try entropy("aaaa") == 0)
        #expect(try entropy("abcd") == 2)
        #expect(try entropy("ab ab ab a") == -(0.4 * log2(0.4) + 0.3 * log2(0.3) + 0.3 * log2(0.3)))
        #expect(abs(try entropy("éè東😀") - 2) < 1e-12)
        // The sum's order, and so its last bit, does not depend on the order of a dictionary.
        let text = String((0..<300).compactMap { Unicode.Scalar(0x4E00 + $0 % 97).map(Character.init) })
        #expect(Set(try (0..<20).map { _ in try entropy(text) }).count == 1)
    }

    @Test("Sentences, tokens and words are counted and averaged")
    func statistics() throws {
        let features = FeatureExtractor.lexical(Document("The dog saw the cat. The cat didn't see it!"))
        #expect(features["num_sentences"] == 2)
        // The dog saw the cat . The cat did n't see it !
        #expect(features["num_tokens"] == 13)
        #expect(features["num_unique_words"] == 7)
        #expect(features["average_sentence_length"] == 6.5)
        #expect(try #require(features["average_token_length"]) == 34.0 / 13)
    }

    @Test("Every feature of a text without words is 0 or counts what is there", arguments: ["", "\u{200B}", "..."])
    func emptyText(text: String) {
        let features = FeatureExtractor.lexical(Document(text)).completed(embeddings: [])
        #expect(features.values.allSatisfy { $0.isFinite })
        for name in ["flesch_kincaid_grade", "gunning_fog", "smog_index", "ari", "dale_chall", "coleman_liau_index"] {
            #expect(features[name] == 0)
        }
        if text != "..." { #expect(features.values.allSatisfy { $0 == 0 }) }
    }

    @Test("Semantic flow is the population's standard deviation, the mean and the least of consecutive cosines")
    func semanticFlow() {
        for embeddings in [[], [[1, 2]]] as [[[Float]]] {
            let flow = SemanticFlow(embeddings)
            #expect(flow.similarities.isEmpty && flow.variability == 0 && flow.mean == 0 && flow.minimum == 0)
        }
        #expect(SemanticFlow([[1, 2], [2, 4]]).variability == 0)
        // Cosines 1, 0, -1: numpy.std gives sqrt(2/3).
        let flow = SemanticFlow([[1, 0], [2, 0], [0, 3], [0, -1]])
        #expect(abs(flow.variability - (2.0 / 3).squareRoot()) < 1e-15)
        #expect(flow.mean == 0 && flow.minimum == -1)
        // A vector without direction, and one that is not a number, count as unrelated.
        #expect(SemanticFlow([[1, 0], [1, 0], [0, 0], [.nan, 1], [1, .infinity]]).variability.isFinite)
        #expect(SemanticFlow.cosine([3e38, 3e38], [3e38, 3e38]) == 1)
    }
}

@Suite("The feature schema")
struct FeatureSchemaTests {
    @Test("No name is there twice, and the lexical features come first")
    func names() {
        let names = FeatureSchema.current.names
        #expect(FeatureSchema.lexical.names == Array(names.prefix(FeatureSchema.lexical.count)))
        #expect(names.count == Set(names).count)
        for (index, name) in names.enumerated() { #expect(FeatureSchema.current.index(of: name) == index) }
        #expect(FeatureSchema.current.index(of: "none") == nil)
    }

    @Test("The original system's features are there, spelled as they were")
    func originalNames() {
        let original =
            "flesch_kincaid_grade gunning_fog coleman_liau_index smog_index ari dale_chall textual_entropy num_sentences "
            + "num_tokens average_token_length average_sentence_length semantic_flow_variability semantic_density "
            + "num_unique_lemmas num_entities num_noun_chunks num_pos_tags num_distinct_entities average_entity_length "
            + "average_noun_chunk_length max_depth avg_branching_factor total_nodes total_leaves unique_rules "
            + "tree_complexity depth_variability " + EmpathCategories.names
        let names = original.split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(names.count == 27 + 194)
        #expect(names.contains("dominant_heirarchical"))
        for name in names { #expect(FeatureSchema.current.index(of: name) != nil, "\(name)") }
    }

    @Test("Each feature is defined")
    func definitions() {
        for definition in FeatureSchema.current.definitions {
            #expect(!definition.family.isEmpty && !definition.unit.isEmpty && !definition.source.isEmpty)
            #expect(definition.definition.hasSuffix("."))
        }
    }

    @Test("The hash changes with the names and their order, and with nothing else")
    func hash() {
        let definitions = FeatureSchema.current.definitions
        #expect(FeatureSchema.current.hash.utf8.count == 16)
        #expect(FeatureSchema(definitions).hash == FeatureSchema.current.hash)
        #expect(FeatureSchema(definitions.reversed()).hash != FeatureSchema.current.hash)
        #expect(FeatureSchema.lexical.hash != FeatureSchema.current.hash)
    }

    @Test("A vector has its values by name and in order, and the second wave completes it")
    func vector() {
        let lexical = FeatureExtractor.lexical(Document("One two three. Four five six."))
        let full = lexical.completed(embeddings: [[1, 0], [0, 1], [0, 1]])
        #expect(full.names == FeatureSchema.current.names)
        #expect(Array(full.values.prefix(lexical.values.count)) == lexical.values)
        #expect(full["semantic_flow_variability"] == 0.5)
        #expect(full["none"] == nil)
        #expect(full.dictionary.count == FeatureSchema.current.count)
        #expect(full.dictionary["num_sentences"] == 2)
    }
}
