import Foundation

/// What the EBM learned as a whole: each term's contribution as a function of its features.
///
/// `training/global_explanation.py` reads it out of the EBM's file, which it names by its `fitID`.
struct EBMShapes: Decodable, Sendable, Equatable {
    /// Of the EBM's file, as in its `config.pbtxt`.
    var fitID: String
    var featureSchemaHash: String
    /// In logits, added to the sum of all terms.
    var intercept: Double
    /// How many texts the importances are means over.
    var texts: Int
    var terms: [Term]

    /// A step function of one feature, or of two.
    struct Term: Decodable, Sendable, Equatable {
        /// The feature's, or `a & b`.
        var name: String
        var features: [String]
        /// For each feature, in its unit, ascending: a value that equals an edge lies in the bin above it.
        var edges: [[Double]]
        /// In logits, positive for AI: one a bin; of two features, row by row of the first one's bins.
        var scores: [Double]
        /// Mean absolute contribution, in logits.
        var importance: Double
    }

    enum CodingKeys: String, CodingKey {
        case intercept, texts, terms
        case fitID = "fit_id"
        case featureSchemaHash = "feature_schema_hash"
    }
}

extension EBMShapes {
    /// Of no EBM: the route says so.
    static let empty = EBMShapes(fitID: "none", featureSchemaHash: "", intercept: 0, texts: 0, terms: [])

    /// Of the EBM of `triton_model_repo/`, part of the binary.
    static func builtIn() throws(Invalid) -> EBMShapes { try EBMShapes(json: Data(ebmShapesText.utf8)) }

    /// Reads and checks a file of shapes.
    init(json: Data) throws(Invalid) {
        do {
            self = try JSONDecoder().decode(EBMShapes.self, from: json)
        } catch {
            throw Invalid(problem: "not a file of shapes: \(error)")
        }
        for term in terms {
            let bins = term.edges.map { $0.count + 1 }
            guard (1...2).contains(bins.count), bins.count == term.features.count,
                term.scores.count == bins.reduce(1, *)
            else {
                throw Invalid(problem: "\(term.name) needs a score for each bin of its features")
            }
            guard term.edges.allSatisfy({ edges in zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 } }) else {
                throw Invalid(problem: "the edges of \(term.name) do not ascend")
            }
        }
    }

    struct Invalid: Error, CustomStringConvertible {
        var problem: String
        var description: String { "the EBM's shapes: \(problem)" }
    }

    /// The term of this name.
    func term(_ name: String) -> Term? { terms.first { $0.name == name } }

    /// The strongest first.
    var byImportance: [Term] { terms.sorted { ($0.importance, $1.name) > ($1.importance, $0.name) } }
}

extension EBMShapes.Term {
    /// The contribution in logits at these values, one a feature of the term.
    func contribution(at values: [Double]) -> Double {
        var index = 0
        for (edges, value) in zip(edges, values) {
            index = index * (edges.count + 1) + edges.count { $0 <= value }
        }
        return scores.indices.contains(index) ? scores[index] : 0
    }
}
