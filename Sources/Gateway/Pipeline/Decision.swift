import Features
import WordPiece

/// Stage 9: from logits to a verdict. Pure.
struct Decision: Sendable {
    var verdict: Verdict
    var probability: Double
    var reasons: [Abstention]
    var ensemble: Ensemble
    var scores: [ModelScore]
    var passages: [Passage]
}

extension ScorePipeline {
    func decide(
        _ first: FirstWave, _ second: SecondWave, _ windows: [Window], _ clean: CleanText, _ document: Document,
        _ encoding: Encoding, _ features: FeatureVector
    ) throws(GatewayError) -> Decision {
        var scores = ModelName.classifiers.compactMap { model in
            first.logits[model].map { answer in
                ModelScore(
                    model: model, version: answer.version,
                    logit: scoring.pooling(of: model.rawValue).essayLogit(
                        answer.values, tokens: windows.map(\.tokens.count)),
                    milliseconds: answer.milliseconds)
            }
        }
        if let additive = second.additive {
            scores.append(
                ModelScore(
                    model: .ebm, version: additive.version, logit: additive.values.logit,
                    milliseconds: additive.milliseconds))
        }
        let logits = Dictionary(uniqueKeysWithValues: scores.map { ($0.model.rawValue, $0.logit) })
        guard let ensemble = scoring.ensemble(for: logits.keys), let probability = ensemble.probability(logits: logits),
            probability.isFinite
        else {
            let reasons = (first.missing + second.missing).map { "\($0.model.rawValue): \($0.reason)" }
            throw GatewayError(
                .upstreamUnavailable, "too few models answered for a verdict: \(reasons.joined(separator: "; "))",
                retryAfter: 2)
        }
        var reasons = abstentions(document, encoding, features)
        if let contradiction = scoring.contradiction(logits) { reasons.append(contradiction) }
        let verdict = reasons.isEmpty ? ensemble.verdict(probability) : .uncertain
        if verdict == .uncertain, reasons.isEmpty { reasons = [.betweenThresholds] }
        return Decision(
            verdict: verdict, probability: probability, reasons: reasons, ensemble: ensemble, scores: scores,
            passages: passages(first, windows, clean))
    }

    /// Reasons not to judge this text at all.
    private func abstentions(_ document: Document, _ encoding: Encoding, _ features: FeatureVector) -> [Abstention] {
        var reasons: [Abstention] = []
        if document.wordCount < Abstention.minimumWords { reasons.append(.tooShort(words: document.wordCount)) }
        if !document.looksEnglish { reasons.append(.notEnglish) }
        let unknown = Double(encoding.unknownCount) / Double(max(1, encoding.count))
        if unknown > Abstention.maximumUnknownShare { reasons.append(.unknownTokens(share: unknown)) }
        let outside = zip(features.names, features.values).compactMap { name, value in
            guard let reference = scoring.references[name] else { return nil as String? }
            return value < reference.minimum || value > reference.maximum ? name : nil
        }
        if outside.count >= Abstention.outOfRangeFeatures { reasons.append(.featuresOutOfRange(outside)) }
        return reasons
    }

    /// Every window with the probability that the classifiers' ensemble gives to its logits alone.
    private func passages(_ first: FirstWave, _ windows: [Window], _ clean: CleanText) -> [Passage] {
        guard let ensemble = scoring.ensemble(for: first.logits.keys.map(\.rawValue)) else { return [] }
        return windows.indices.compactMap { index in
            let logits = Dictionary(
                uniqueKeysWithValues: first.logits.map { ($0.key.rawValue, $0.value.values[index]) })
            guard let probability = ensemble.probability(logits: logits) else { return nil }
            return Passage(range: clean.originalRange(windows[index].bytes), probability: probability)
        }
    }
}
