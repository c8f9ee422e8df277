import Features
import Synchronization
import TritonClient

@testable import Gateway

/// A Triton in the test's own process, which answers as the real models would in form, with logits that a test
/// chooses. What a test wants to go wrong, it says in `fault`.
final class FakeTriton: InferenceTransport {
    /// Given a request, an error to throw or a reply to give instead of the right one; nil leaves things right.
    typealias Fault = @Sendable (InferRequest) async throws(TritonError) -> InferResponse?

    struct State {
        var loaded = Set(ModelName.allCases.map(\.rawValue))
        var isReachable = true
        var requests: [InferRequest] = []
        var fault: Fault?
        /// log(p(AI)/p(human)) that each transformer gives to every window.
        var logits = ["bert_bilstm": Float(2), "bert_classifier": Float(1), "ngram_classifier": Float(1.5)]
        /// Loaded versions, where they are not "1" alone, and the fit ids of those that are not "1".
        var versions: [String: [String]] = [:]
        var fitIDs: [String: [String: String]] = [:]
        /// Added to each transformer's logit by its versions from 2 on.
        var shift = Float(0)
    }

    let state = Mutex(State())

    var requests: [InferRequest] { state.withLock { $0.requests } }

    func fault(_ fault: @escaping Fault) { state.withLock { $0.fault = fault } }
    func unload(_ model: ModelName) { state.withLock { _ = $0.loaded.remove(model.rawValue) } }
    func setReachable(_ isReachable: Bool) { state.withLock { $0.isReachable = isReachable } }

    private func reach() throws(TritonError) {
        guard state.withLock({ $0.isReachable }) else { throw .unreachable("refused") }
    }

    func isServerLive(deadline: ContinuousClock.Instant) async throws(TritonError) -> Bool {
        try reach()
        return true
    }

    func isServerReady(deadline: ContinuousClock.Instant) async throws(TritonError) -> Bool {
        try reach()
        return true
    }

    func isModelReady(
        _ model: String, version: String?, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> Bool {
        try reach()
        return state.withLock { $0.loaded.contains(model) }
    }

    func serverMetadata(deadline: ContinuousClock.Instant) async throws(TritonError) -> ServerMetadata {
        ServerMetadata(name: "fake", version: "0", extensions: [])
    }

    func modelMetadata(
        _ model: String, version: String?, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> ModelMetadata {
        var metadata = Fixture.metadata(try Self.known(model))
        metadata.versions = state.withLock { $0.versions[model] } ?? metadata.versions
        return metadata
    }

    func modelConfiguration(
        _ model: String, version: String?, deadline: ContinuousClock.Instant
    ) async throws(TritonError) -> ModelConfiguration {
        let known = try Self.known(model)
        var configuration = Fixture.configuration(known)
        let fitIDs = state.withLock { $0.fitIDs[model] } ?? [:]
        for (version, fitID) in fitIDs {
            for (key, value) in Fixture.configuration(known).parameters {
                configuration.parameters["\(key).\(version)"] = key == "fit_id" ? fitID : value
            }
        }
        return configuration
    }

    /// Loads a further version of a model beside version 1, with a fit id of its own.
    func load(_ model: ModelName, version: String, fitID: String) {
        state.withLock { state in
            state.versions[model.rawValue, default: ["1"]].append(version)
            state.fitIDs[model.rawValue, default: [:]][version] = fitID
        }
    }

    private static func known(_ model: String) throws(TritonError) -> ModelName {
        guard let known = ModelName(rawValue: model) else { throw .server(.notFound, message: "no model \(model)") }
        return known
    }

    func infer(_ request: InferRequest, deadline: ContinuousClock.Instant) async throws(TritonError) -> InferResponse {
        let fault = state.withLock { state in
            state.requests.append(request)
            return state.fault
        }
        try reach()
        if let reply = try await fault?(request) { return reply }
        guard deadline > .now else { throw .deadlineExceeded }
        return reply(to: request)
    }

    /// The right answer to a request.
    func reply(to request: InferRequest) -> InferResponse {
        let rows = request.inputs.first?.shape.first ?? 0
        let outputs: [Tensor] =
            switch ModelName(rawValue: request.model) {
            case .bertBiLSTM, .bertClassifier, .ngramClassifier:
                [
                    Self.logits(
                        rows,
                        state.withLock {
                            ($0.logits[request.model] ?? 0) + ((request.version ?? "1") == "1" ? 0 : $0.shift)
                        })
                ]
            case .sentenceEncoder:
                Self.embeddings(request.inputs.last?.shape ?? [])
            case .ebm:
                [
                    .fp32("logit", [1, 1], [Float(Fixture.intercept) + 1 - 0.5 + 0.125]),
                    .fp32("scores", [1, 3], [1, -0.5, 0.125]),
                ]
            case nil: []
            }
        return InferResponse(model: request.model, version: request.version ?? "1", id: request.id, outputs: outputs)
    }

    private static func logits(_ rows: Int, _ logit: Float) -> Tensor {
        .fp32("logits", [rows, 2], (0..<rows).flatMap { _ in [-logit / 2, logit / 2] })
    }

    /// - Parameter sentences: the shape of `sentence_lengths`.
    private static func embeddings(_ sentences: [Int]) -> [Tensor] {
        let size = ModelContract.embeddingSize
        let values = (0..<sentences.reduce(1, *)).flatMap { place in (0..<size).map { Float(($0 + place) % 7) } }
        return [.fp32("embedding", sentences + [size], values)]
    }

    func shutdown() async {}
}

extension Tensor {
    static func fp32(_ name: String, _ shape: [Int], _ values: [Float]) -> Tensor {
        let bytes = values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32($0 * 8)) }
        }
        return Tensor(name: name, datatype: .fp32, shape: shape, bytes: bytes)
    }
}
