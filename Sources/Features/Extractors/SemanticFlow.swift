/// How evenly the meaning moves from sentence to sentence, by the sentences' embeddings.
public enum SemanticFlow {
    static let definition = FeatureDefinition(
        name: "semantic_flow_variability", family: "semantic flow", unit: "cosine similarity",
        definition: """
            Standard deviation (of the population) of the cosine similarities of consecutive sentences' embeddings by \
            all-MiniLM-L6-v2. 0 for fewer than two sentences.
            """,
        formula: "std(cos(e[i], e[i + 1]))", source: "the original system")

    /// Standard deviation of the cosine similarities of consecutive embeddings, dividing by their number as numpy's `std`
    /// does. 0 for fewer than two embeddings.
    ///
    /// Sums run in FP64. An embedding of length zero, or with a value that is not finite, has the similarity 0 to others.
    ///
    /// - Parameter embeddings: one a sentence, all of the same length.
    public static func variability(_ embeddings: [[Float]]) -> Double {
        guard embeddings.count >= 2 else { return 0 }
        let similarities = (1..<embeddings.count).map { cosine(embeddings[$0 - 1], embeddings[$0]) }
        let count = Double(similarities.count)
        let mean = similarities.reduce(0, +) / count
        let variance = similarities.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
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
