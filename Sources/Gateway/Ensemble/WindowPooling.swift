import Foundation

/// How a transformer's logits of an essay's windows become one logit of the essay. Both numbers are fitted
/// (`training/window_pooling.py`), on what models of the same recipe say of essays that they were not trained on.
///
/// logit = n^gain · Σ wᵢ·zᵢ / Σ wᵢ with wᵢ = tokensᵢ · exp(slope · zᵢ), over the n windows' logits zᵢ.
struct WindowPooling: Codable, Sendable, Equatable {
    /// 0 is the mean over the tokens; above 0, windows that look like AI count more; below 0, less.
    var slope: Double
    /// Several windows that agree are more evidence than one: 0 ignores that.
    var gain: Double

    static let mean = WindowPooling(slope: 0, gain: 0)

    /// - Parameters:
    ///   - logits: one a window, finite.
    ///   - tokens: how many tokens each window has.
    /// - Returns: 0 where there are no windows.
    func essayLogit(_ logits: [Double], tokens: [Int]) -> Double {
        // The largest exponent is taken out of all: no overflow, the same quotient.
        let largest = logits.map { slope * $0 }.max() ?? 0
        var (sum, weight) = (0.0, 0.0)
        for (logit, count) in zip(logits, tokens) {
            let share = Double(count) * exp(slope * logit - largest)
            sum += share * logit
            weight += share
        }
        return weight > 0 ? pow(Double(logits.count), gain) * sum / weight : 0
    }
}
