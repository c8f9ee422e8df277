import Foundation

/// Shapes of the dependency trees, entities and noun chunks.
///
/// A token with children is an inner node, labelled by its word; a token without is a leaf. A tree's depth counts edges:
/// a sentence of one token has depth 0. Entities are maximal runs of proper nouns. A noun chunk is a nominal head (noun,
/// proper noun or pronoun that is no modifier inside another chunk) with its left dependents.
enum SyntacticTrees: FeatureFamily {
    struct Measures {
        var uniqueLemmas = 0
        var entities = Spans(), chunks = Spans()
        var distinctEntities = 0
        /// Depths of the sentences' trees.
        var depths: [Int] = []
        var rootChildren = 0
        var nodes = 0, leaves = 0
        var uniqueRules = 0
        /// Tokens with a head that is a token, the sum of their distances, and how many stand left of it.
        var arcs = 0, distance = 0, leftArcs = 0
        /// Clauses' predicates, and the passive ones.
        var predicates = 0, passives = 0
    }

    /// Spans and the characters in them, spaces between tokens included.
    struct Spans {
        var count = 0
        var characters = 0
    }

    private static let family = "syntax"
    private static let original = "the original system; parser of docs/syntax.md"
    private static let parser = "parser of docs/syntax.md; Universal Dependencies"

    private static func feature(
        _ name: String, _ unit: String, _ definition: String, _ formula: String = "", source: String = original,
        value: @escaping @Sendable (Measures) -> Double
    ) -> Feature<Measures> {
        Feature(
            definition: FeatureDefinition(
                name: name, family: family, unit: unit, definition: definition, formula: formula, source: source),
            value: value)
    }

    static let features: [Feature<Measures>] = [
        feature("num_unique_lemmas", "lemmas", "Different lemmas, marks included.") { Double($0.uniqueLemmas) },
        feature("num_entities", "entities", "Entities: maximal runs of proper nouns in a sentence.") {
            Double($0.entities.count)
        },
        feature("num_distinct_entities", "entities", "Entities that differ in their words, regardless of case.") {
            Double($0.distinctEntities)
        },
        feature(
            "average_entity_length", "characters", "Mean length of an entity, spaces included. 0 without entities.",
            "characters of entities / entities"
        ) { ratio($0.entities.characters, $0.entities.count) },
        feature(
            "num_noun_chunks", "chunks", "Base noun phrases: a nominal head with what depends on it to the left."
        ) { Double($0.chunks.count) },
        feature(
            "average_noun_chunk_length", "characters",
            "Mean length of a noun chunk, spaces included. 0 without noun chunks.",
            "characters of noun chunks / noun chunks"
        ) { ratio($0.chunks.characters, $0.chunks.count) },
        feature(
            "max_depth", "edges", "Depth of the deepest dependency tree. 0 for an empty text.", "max(depth)"
        ) { Double($0.depths.max() ?? 0) },
        feature(
            "avg_branching_factor", "children",
            "Mean number of children of the sentences' roots. 0 for a text without sentences.",
            "children of roots / sentences"
        ) { ratio($0.rootChildren, $0.depths.count) },
        feature("total_nodes", "tokens", "Nodes of all dependency trees.") { Double($0.nodes) },
        feature("total_leaves", "tokens", "Nodes without children.") { Double($0.leaves) },
        feature("unique_rules", "words", "Different words, in lower case, among the nodes with children.") {
            Double($0.uniqueRules)
        },
        feature(
            "tree_complexity", "ratio", "Nodes over leaves. 0 for a text without tokens.", "nodes / leaves"
        ) { ratio($0.nodes, $0.leaves) },
        feature(
            "depth_variability", "edges",
            "Standard deviation (of the population) of the sentences' depths. 0 for fewer than two sentences."
        ) { deviation($0.depths) },
        feature(
            "mean_dependency_distance", "tokens",
            "Mean distance of a token from its head, in tokens. 0 for a text without arcs.", "sum(|i - head|) / arcs",
            source: "Liu 2008; \(parser)"
        ) { ratio($0.distance, $0.arcs) },
        feature(
            "left_branching_share", "share", "Tokens that stand left of their head. 0 for a text without arcs.",
            "left arcs / arcs", source: parser
        ) { ratio($0.leftArcs, $0.arcs) },
        feature(
            "passive_share", "share",
            """
            Predicates with a passive auxiliary or a passive subject among the predicates (full verbs, and words with \
            a subject or a copula). 0 for a text without predicates.
            """,
            "passive predicates / predicates", source: parser
        ) { ratio($0.passives, $0.predicates) },
    ]

    /// Of the population.
    static func deviation(_ values: [Int]) -> Double {
        guard values.count > 1 else { return 0 }
        let count = Double(values.count)
        let mean = Double(values.reduce(0, +)) / count
        return (values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count).squareRoot()
    }

    static func measure(_ text: AnalyzedText) -> Measures {
        let tokens = text.document.tokens.count
        var measures = Measures()
        var lemmas = Numbering(capacity: tokens)
        var entities = Numbering(capacity: tokens)
        var rules = Numbering(capacity: tokens)
        for hash in text.syntax.lemmaHashes { _ = lemmas.number(of: hash) }
        var tree = SentenceTree(text)
        for sentence in text.document.sentenceTokens {
            tree.fill(sentence)
            tree.addShape(to: &measures, &rules)
            tree.addPredicates(to: &measures)
            tree.addEntities(to: &measures.entities, &entities)
            tree.addChunks(to: &measures.chunks)
        }
        measures.uniqueLemmas = lemmas.count
        measures.distinctEntities = entities.count
        measures.uniqueRules = rules.count
        return measures
    }
}
