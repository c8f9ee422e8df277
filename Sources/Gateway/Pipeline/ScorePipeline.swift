import Features
import Synchronization
import TritonClient
import WordPiece

/// The way of one essay: text in, analysis out. One function, one line a stage.
struct ScorePipeline: Sendable {
    let transport: any InferenceTransport
    let catalog: ModelCatalog
    let scoring: Scoring
    let limits: GatewayConfiguration.Limits
    /// nil for commands, which nobody scrapes.
    var metrics: GatewayMetrics?

    /// - Parameters:
    ///   - text: as posted; every range in the result counts its UTF-8 bytes.
    ///   - requestID: sent along to Triton.
    func analyze(
        _ text: String, requestID: String, deadline: ContinuousClock.Instant
    ) async throws(GatewayError) -> Analysis {
        var timings = StageTimings()
        let usable = try usableModels()
        let clean = timings.measure(.clean) { TextCleaner.clean(text) }
        let document = timings.measure(.segment) { Document(clean) }
        let encoding = timings.measure(.tokenize) { Tokenizer.bertBaseUncased.encode(clean.text) }
        try check(document, encoding)
        let windows = encoding.windows(maximumLength: scoring.windows.maximumLength, overlap: scoring.windows.overlap)

        let caller = ModelCaller(
            transport: transport, requestID: requestID, deadline: deadline, metrics: metrics)
        let first = try await firstWave(caller, usable, windows, document, encoding, &timings)
        let features = first.embeddings.map(first.lexical.completed(embeddings:)) ?? first.lexical
        let second = try await secondWave(caller, usable, features, first, &timings)

        let outcome = try timings.measure(.ensemble) { () throws(GatewayError) in
            try decide(first, second, windows, clean, document, encoding, features)
        }
        let explanation = timings.measure(.explain) {
            Explanation(
                verdict: outcome.verdict, reasons: outcome.reasons, additive: second.additive?.values,
                features: features, references: scoring.references)
        }
        return Analysis(
            verdict: outcome.verdict, probability: outcome.probability, reasons: outcome.reasons,
            ensemble: outcome.ensemble, scores: outcome.scores, missing: first.missing + second.missing,
            passages: outcome.passages, features: features, explanation: explanation, hygiene: clean.hygiene,
            wordCount: document.wordCount, tokenCount: encoding.count, scoringVersion: scoring.version,
            timings: timings)
    }

    /// The features of a text, completed with the sentence encoder's.
    func features(
        _ text: String, requestID: String, deadline: ContinuousClock.Instant
    ) async throws(GatewayError) -> FeatureVector {
        let clean = TextCleaner.clean(text)
        let document = Document(clean)
        let encoding = Tokenizer.bertBaseUncased.encode(clean.text)
        try check(document, encoding)
        guard let info = catalog.snapshot[.sentenceEncoder]?.info else {
            throw GatewayError(.upstreamUnavailable, "the sentence encoder is not usable", retryAfter: 2)
        }
        let caller = ModelCaller(
            transport: transport, requestID: requestID, deadline: deadline, metrics: metrics)
        switch await sentenceEmbeddings(caller, info, document, encoding) {
        case .success(let answer): return FeatureExtractor.lexical(document).completed(embeddings: answer.values)
        case .failure(.missing(let reason)): throw GatewayError(.upstreamUnavailable, reason, retryAfter: 2)
        case .failure(.fatal(let error)): throw error
        }
    }
}

// MARK: - Before the first call

extension ScorePipeline {
    /// The models that may be called now; fails fast when no answer can come of it.
    func usableModels() throws(GatewayError) -> [ModelName: ModelState] {
        let states = catalog.snapshot
        if Readiness(states, scoring: scoring) == .notReady {
            throw GatewayError(.notReady, "no verdict is possible now: \(states.problems)", retryAfter: 2)
        }
        return states
    }

    private func check(_ document: Document, _ encoding: Encoding) throws(GatewayError) {
        guard encoding.count > 0 else {
            throw GatewayError(
                .emptyText, "the text is empty once white space and markup are gone; send the essay's text")
        }
        // The models' tokens, and the tagger's and parser's: a word that BERT cannot spell is one of the former and may be
        // any number of the latter.
        let tokens = max(encoding.count, document.tokens.count)
        guard tokens <= limits.maxTokens else {
            throw GatewayError(
                .textTooLong,
                "the text has \(tokens) tokens, at most \(limits.maxTokens) are analysed; send it in parts")
        }
        guard document.sentenceCount <= limits.maxSentences else {
            throw GatewayError(
                .textTooLong,
                "the text has \(document.sentenceCount) sentences, at most \(limits.maxSentences) are analysed; "
                    + "send it in parts")
        }
    }
}

// MARK: - The two waves

/// What the first wave brought: window logits by classifier, sentence embeddings, and what was computed meanwhile.
struct FirstWave: Sendable {
    var lexical: FeatureVector
    var logits: [ModelName: ModelCaller.Answer<[Double]>] = [:]
    var embeddings: [[Float]]?
    var missing: [MissingModel] = []
}

struct SecondWave: Sendable {
    var additive: ModelCaller.Answer<AdditiveScores>?
    var missing: [MissingModel] = []
}

extension ScorePipeline {
    private func firstWave(
        _ caller: ModelCaller, _ states: [ModelName: ModelState], _ windows: [Window], _ document: Document,
        _ encoding: Encoding, _ timings: inout StageTimings
    ) async throws(GatewayError) -> FirstWave {
        let begin = ContinuousClock.now
        defer { timings.record(.firstWave, since: begin) }
        let rows = TokenRows(ranges: windows.map(\.tokens))
        async let sentences = call(.sentenceEncoder, states) { info in
            await sentenceEmbeddings(caller, info, document, encoding)
        }
        async let lstm = call(.bertBiLSTM, states) { info in
            await caller.logits(.bertBiLSTM, info, rows: rows, encoding: encoding)
        }
        async let classifier = call(.bertClassifier, states) { info in
            await caller.logits(.bertClassifier, info, rows: rows, encoding: encoding)
        }
        async let ngrams = call(.ngramClassifier, states) { info in
            await caller.logits(.ngramClassifier, info, rows: rows, encoding: encoding)
        }
        // Last, so that the requests are on their way and the server works at the same time.
        async let lexical = timedLexical(document)
        let answers = await (lstm: lstm, classifier: classifier, ngrams: ngrams, sentences: sentences)
        let (features, duration) = await lexical
        timings.record(.features, duration)
        var wave = FirstWave(lexical: features)
        wave.logits[.bertBiLSTM] = try take(answers.lstm, .bertBiLSTM, &wave.missing)
        wave.logits[.bertClassifier] = try take(answers.classifier, .bertClassifier, &wave.missing)
        wave.logits[.ngramClassifier] = try take(answers.ngrams, .ngramClassifier, &wave.missing)
        wave.embeddings = try take(answers.sentences, .sentenceEncoder, &wave.missing)?.values
        return wave
    }

    private func secondWave(
        _ caller: ModelCaller, _ states: [ModelName: ModelState], _ features: FeatureVector, _ first: FirstWave,
        _ timings: inout StageTimings
    ) async throws(GatewayError) -> SecondWave {
        var wave = SecondWave()
        guard first.embeddings != nil else {
            wave.missing = [MissingModel(model: .ebm, reason: "it needs the features that sentence_encoder gives")]
            return wave
        }
        let begin = ContinuousClock.now
        defer { timings.record(.secondWave, since: begin) }
        let answer = await call(.ebm, states) { info in await caller.additive(info, features: features.values) }
        wave.additive = try take(answer, .ebm, &wave.missing)
        return wave
    }

    private func timedLexical(_ document: Document) -> (features: FeatureVector, duration: Duration) {
        let begin = ContinuousClock.now
        let features = FeatureExtractor.lexical(document)
        return (features, begin.duration(to: .now))
    }

    /// Calls a model if it is usable.
    private func call<Value: Sendable>(
        _ model: ModelName, _ states: [ModelName: ModelState],
        _ body: (ModelInfo) async -> Result<ModelCaller.Answer<Value>, ModelCaller.Failure>
    ) async -> Result<ModelCaller.Answer<Value>, ModelCaller.Failure> {
        guard let info = states[model]?.info else {
            return .failure(.missing(reason: states[model]?.problem ?? "not known"))
        }
        return await body(info)
    }

    /// The answer, or nil and a note in `missing`; throws when the whole request fails.
    private func take<Value>(
        _ result: Result<ModelCaller.Answer<Value>, ModelCaller.Failure>, _ model: ModelName,
        _ missing: inout [MissingModel]
    ) throws(GatewayError) -> ModelCaller.Answer<Value>? {
        switch result {
        case .success(let answer): return answer
        case .failure(.fatal(let error)): throw error
        case .failure(.missing(let reason)):
            missing.append(MissingModel(model: model, reason: reason))
            return nil
        }
    }

    /// One embedding a sentence. A sentence longer than the encoder reads is embedded window by window, and the
    /// windows' embeddings are averaged by their tokens: nothing is cut.
    private func sentenceEmbeddings(
        _ caller: ModelCaller, _ info: ModelInfo, _ document: Document, _ encoding: Encoding
    ) async -> Result<ModelCaller.Answer<[[Float]]>, ModelCaller.Failure> {
        await caller.embeddings(info, SentenceRows(document.sentences, of: encoding), encoding: encoding)
    }
}
