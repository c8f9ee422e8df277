/// How evenly the meaning moves from sentence to sentence, by the cosine similarities of consecutive sentences'
/// embeddings.
public struct SemanticFlow: Sendable {
    /// One a pair of neighbours, -1...1.
    let similarities: [Double]

    private static let family = "semantic flow"
    private static let unit = "cosine similarity"
    private static let source = "the original system"
    private static let undefined = "0 for fewer than two sentences: semantic_flow_defined tells."

    static let features: [Feature<SemanticFlow>] = [
        Feature(
            definition: FeatureDefinition(
                name: "semantic_flow_variability", family: family, unit: unit,
                definition: """
                    Standard deviation (of the population) of the cosine similarities of consecutive sentences' embeddings by \
                    all-MiniLM-L6-v2. \(undefined)
                    """,
                formula: "std(cos(e[i], e[i + 1]))", source: source),
            value: \.variability),
        Feature(
            definition: FeatureDefinition(
                name: "semantic_flow_mean", family: family, unit: unit,
                definition: """
                    Mean of the cosine similarities of consecutive sentences' embeddings by all-MiniLM-L6-v2. \(undefined)
                    """,
                formula: "mean(cos(e[i], e[i + 1]))", source: "own"),
            value: \.mean),
        Feature(
            definition: FeatureDefinition(
                name: "semantic_flow_minimum", family: family, unit: unit,
                definition: """
                    Least of the cosine similarities of consecutive sentences' embeddings by all-MiniLM-L6-v2: the sharpest \
                    turn. \(undefined)
                    """,
                formula: "min(cos(e[i], e[i + 1]))", source: "own"),
            value: \.minimum),
        Feature(
            definition: FeatureDefinition(
                name: "semantic_flow_defined", family: family, unit: "0 or 1",
                definition: """
                    1 if the text has the two sentences that the other features of this family need. 0 otherwise: they are 0 \
                    then, and say nothing.
                    """,
                formula: "1 if sentences >= 2 else 0", source: "own"),
            value: { $0.similarities.isEmpty ? 0 : 1 }),
    ]

    /// Sums run in FP64. An embedding of length zero, or with a value that is not finite, has the similarity 0 to others.
    ///
    /// - Parameter embeddings: one a sentence, all of the same length.
    public init(_ embeddings: [[Float]]) {
        similarities = zip(embeddings, embeddings.dropFirst()).map(Self.cosine)
    }

    public var mean: Double {
        similarities.isEmpty ? 0 : similarities.reduce(0, +) / Double(similarities.count)
    }

    public var minimum: Double { similarities.min() ?? 0 }

    /// Standard deviation, dividing by the number of similarities as numpy's `std` does.
    public var variability: Double {
        guard !similarities.isEmpty else { return 0 }
        let mean = mean
        let variance = similarities.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(similarities.count)
        return variance.squareRoot()
    }

    /// Cosine of the angle between two vectors, -1...1.
    static func cosine(_ first: [Float], _ second: [Float]) -> Double {
        var (dot, firstSquare, secondSquare) = (0.0, 0.0, 0.0)
        for (x, y) in zip(first, second) {
            dot += Double(x) * Double(y)
            firstSquare += Double(x) * Double(x)
            secondSquare += Double(y) * Double(y)
        }
        let similarity = dot / (firstSquare.squareRoot() * secondSquare.squareRoot())
        return similarity.isFinite ? min(1, max(-1, similarity)) : 0
    }
}
