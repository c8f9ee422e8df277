import Testing

@testable import Features

@Suite("Syntax of texts")
struct SyntaxTests {
    private let analyzer = SyntaxAnalyzer.shared

    private func analyze(_ text: String) -> (Document, SyntaxAnalysis) {
        let document = Document(text)
        return (document, analyzer.analyze(document))
    }

    @Test("A plain sentence is tagged, lemmatized and parsed as a grammar says")
    func plain() {
        let (document, analysis) = analyze("The old teachers gave their students three books.")
        let upos = analysis.tags.map { analyzer.uposNames[Int($0)] }
        let xpos = analysis.tags.map { analyzer.xposNames[Int($0)] }
        let lemmas = (0..<analysis.count).map { analyzer.lemma($0, of: document, analysis) }
        let labels = analysis.labels.map { analyzer.labelNames[Int($0)] }
        #expect(
            upos == [
                "DET", "ADJ", "NOUN", "VERB", "PRON", "NOUN", "NUM", "NOUN", "PUNCT",
            ])
        #expect(xpos[2...3] == ["NNS", "VBD"])
        #expect(
            lemmas == [
                "the", "old", "teacher", "give", "their", "student", "three", "book", ".",
            ])
        #expect(analysis.heads == [2, 2, 3, -1, 5, 3, 7, 3, 3])
        #expect(labels == ["det", "amod", "nsubj", "root", "nmod:poss", "iobj", "nummod", "obj", "punct"])
    }

    @Test(
        "Every text has one root a sentence and heads without a cycle",
        arguments: [
            "", " ", "a", "?!", "i dont no what he say it", "\u{1F600}\u{1F600} \u{301} \u{4E2D}\u{6587}",
            "... -- ((((",
            String(repeating: "x", count: 100_000), String(repeating: "word ", count: 10_000),
            String(repeating: "\u{2019}", count: 3000), String(repeating: "and the \"man\" (who), ", count: 2000),
            "don\u{2019}t \u{201C}stop\u{201D} \u{2014} we\u{2019}ve 1990 U.S. http://a.b/c",
        ])
    func trees(_ text: String) {
        let (document, analysis) = analyze(text)
        #expect(analysis.count == document.tokens.count)
        #expect(analysis.lemmaHashes.count == analysis.count && analysis.labels.count == analysis.count)
        for sentence in document.sentenceTokens {
            let heads = Array(analysis.heads[sentence])
            let roots = heads.indices.filter { heads[$0] == -1 }
            #expect(roots.count == 1)
            // 0 unknown, 1 leads to the root, 2 on the way.
            var marks = [Int](repeating: 0, count: heads.count)
            var isTree = true
            for start in heads.indices {
                var path: [Int] = []
                var node = start
                while node >= 0, marks[node] == 0 {
                    marks[node] = 2
                    path.append(node)
                    node = Int(heads[node])
                }
                if node >= 0, marks[node] == 2 { isTree = false }
                for node in path { marks[node] = 1 }
            }
            #expect(isTree)
            let labelled = analysis.labels[sentence].enumerated().filter { Int32($0.element) == ParserState.rootLabel }
            #expect(labelled.map(\.offset) == roots)
        }
    }

    @Test("Eight threads share one analyzer and agree")
    func threads() async {
        let document = Document(
            String(repeating: "Learning takes time, naïve as it is. We don't know why he was seen! ", count: 9)
        )
        let results = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let analysis = SyntaxAnalyzer.shared.analyze(document)
                    return analysis.lemmaHashes + analysis.heads.map { UInt64(bitPattern: Int64($0)) }
                        + analysis.tags.map(UInt64.init) + analysis.labels.map(UInt64.init)
                }
            }
            return await group.reduce(into: Set<[UInt64]>()) { $0.insert($1) }
        }
        #expect(results.count == 1)
    }

    @Test("A sentence's analysis does not depend on the sentences around it")
    func independence() {
        let (_, alone) = analyze("Their houses were built by hand.")
        let (_, among) = analyze("We came home late. Their houses were built by hand. Nobody knew why.")
        let place = among.count - alone.count - 4
        #expect(Array(among.tags[place..<place + alone.count]) == alone.tags)
        #expect(Array(among.heads[place..<place + alone.count]) == alone.heads)
    }
}

@Suite("Features of syntax")
struct SyntaxFeatureTests {
    private func features(_ text: String) -> [String: Double] {
        FeatureExtractor.lexical(Document(text)).dictionary
    }

    @Test("Counts of a plain sentence follow from its tree")
    func counts() {
        // gave: teachers (The, old), students (their), books (three), the full stop.
        let features = features("The old teachers gave their students three books.")
        #expect(features["total_nodes"] == 9)
        #expect(features["total_leaves"] == 5)
        #expect(features["max_depth"] == 2)
        #expect(features["avg_branching_factor"] == 4)
        #expect(features["unique_rules"] == 4)
        #expect(features["tree_complexity"] == 9.0 / 5)
        #expect(features["depth_variability"] == 0)
        #expect(features["num_pos_tags"] == 7)
        #expect(features["num_unique_lemmas"] == 9)
        #expect(features["num_noun_chunks"] == 3)
        #expect(features["num_entities"] == 0)
        #expect(features["average_entity_length"] == 0)
        #expect(features["semantic_density"] == 5.0 / 9)
        #expect(features["lexical_density"] == 5.0 / 8)
        #expect(features["upos_noun"] == 3.0 / 9)
        #expect(features["mean_dependency_distance"] == (2 + 1 + 1 + 1 + 2 + 1 + 4 + 5) / 8.0)
        #expect(features["left_branching_share"] == 5.0 / 8)
        #expect(features["passive_share"] == 0)
    }

    @Test("Entities are runs of proper nouns, told apart regardless of case")
    func entities() {
        let features = features("Mary Smith met Peter in London. Peter likes London.")
        #expect(features["num_entities"] == 5)
        #expect(features["num_distinct_entities"] == 3)
        #expect(features["average_entity_length"] == (10 + 5 + 6 + 5 + 6) / 5.0)
    }

    @Test("A passive is told from an active")
    func passives() {
        #expect(features("The house was built by my father.")["passive_share"] == 1)
        #expect(features("My father built the house.")["passive_share"] == 0)
    }

    @Test(
        "Nothing is infinite or no number",
        arguments: ["", " \n", "!", "7", "\u{1F600}", String(repeating: "(", count: 500), "Ja", "http://a.b"])
    func finite(_ text: String) {
        let infinite = FeatureExtractor.lexical(Document(text)).values.filter { !$0.isFinite }
        #expect(infinite.isEmpty)
    }

    @Test("An empty text has zeros")
    func empty() {
        let features = features("")
        for definition in PartsOfSpeech.definitions + SyntacticTrees.definitions {
            #expect(features[definition.name] == 0, "\(definition.name)")
        }
    }
}
