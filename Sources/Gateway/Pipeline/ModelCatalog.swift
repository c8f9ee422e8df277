import Foundation
import Logging
import Synchronization
import TritonClient

/// What is known of one model at present.
enum ModelState: Sendable, Equatable {
    case ready(ModelInfo)
    /// Not answering: server away, model not loaded. May come back by itself.
    case unavailable(String)
    /// Answering, but not the model that this gateway was built for. Never called.
    case mismatch([String])

    var info: ModelInfo? {
        if case .ready(let info) = self { info } else { nil }
    }

    /// What is wrong, in words; nil when nothing is.
    var problem: String? {
        switch self {
        case .ready: nil
        case .unavailable(let reason): reason
        case .mismatch(let differences): differences.joined(separator: "; ")
        }
    }
}

extension [ModelName: ModelState] {
    /// What is wrong with each model that has a problem, in words.
    var problems: String {
        ModelName.allCases.compactMap { model in
            self[model]?.problem.map { "\(model.rawValue): \($0)" }
        }.joined(separator: "; ")
    }
}

/// A model that was checked against its contract.
struct ModelInfo: Sendable, Equatable {
    var metadata: ModelMetadata
    /// Its parameters are those that speak of `version`.
    var configuration: ModelConfiguration
    /// The version that was checked, and the only one that is called.
    var version: String
    /// Only for `ebm`.
    var additive: AdditiveModel?

    /// Rows that one request may carry.
    var maxBatch: Int { max(1, configuration.maxBatchSize) }
}

/// The part of an EBM that its ONNX graph does not give out.
struct AdditiveModel: Sendable, Equatable {
    var intercept: Double
    /// One a column of `scores`; an interaction is written `a & b`.
    var terms: [String]

    /// Reads what the exporter put into `config.pbtxt`; the problem in words where it is not there.
    static func read(_ configuration: ModelConfiguration) -> Result<AdditiveModel, ContractProblem> {
        guard let text = configuration.parameters["intercept"], let intercept = Double(text), intercept.isFinite else {
            return .failure(ContractProblem(words: "config.pbtxt has no usable parameter intercept"))
        }
        guard let json = configuration.parameters["term_names"],
            let terms = try? JSONDecoder().decode([String].self, from: Data(json.utf8)), !terms.isEmpty
        else { return .failure(ContractProblem(words: "config.pbtxt has no usable parameter term_names")) }
        return .success(AdditiveModel(intercept: intercept, terms: terms))
    }

    struct ContractProblem: Error {
        var words: String
    }
}

/// Knows the models of one scoring file: asks Triton for each one's metadata and configuration whenever `refresh` is
/// called, compares them with the contract, and keeps the result where requests read it without waiting.
final class ModelCatalog: Sendable {
    private let transport: any InferenceTransport
    private let scoring: Scoring
    private let versions: [ModelName: String]
    private let logger: Logger
    private let states: Mutex<[ModelName: ModelState]>

    /// For one poll of one model. Short, so that a server that hangs is noticed soon.
    private static let checkTimeout = Duration.seconds(2)

    /// - Parameter versions: pinned ones; of the other models the newest loaded version that `scoring` fits is taken.
    init(
        transport: any InferenceTransport, scoring: Scoring, versions: [ModelName: String] = [:], logger: Logger
    ) {
        self.transport = transport
        self.scoring = scoring
        self.versions = versions
        self.logger = logger
        let start = ModelState.unavailable("not checked yet")
        states = Mutex(Dictionary(uniqueKeysWithValues: ModelName.allCases.map { ($0, start) }))
    }

    /// The last known state of every model.
    var snapshot: [ModelName: ModelState] {
        states.withLock { $0 }
    }

    /// Asks for every model once, all at the same time.
    func refresh() async {
        await withTaskGroup(of: (ModelName, ModelState).self) { group in
            for model in ModelName.allCases {
                group.addTask { (model, await self.check(model)) }
            }
            for await (model, state) in group {
                guard !Task.isCancelled else { return }
                record(model, state)
            }
        }
    }

    /// Takes a model out until the next poll, because a request has just found it unreachable.
    func markUnavailable(_ model: ModelName, _ reason: String) {
        record(model, .unavailable(reason))
    }

    private func record(_ model: ModelName, _ state: ModelState) {
        let before = states.withLock { states in
            defer { states[model] = state }
            return states[model]
        }
        guard before?.problem != state.problem else { return }
        if let problem = state.problem {
            logger.warning("model not usable", metadata: ["model": "\(model.rawValue)", "problem": "\(problem)"])
        } else {
            logger.info("model ready", metadata: ["model": "\(model.rawValue)"])
        }
    }

    private func check(_ model: ModelName) async -> ModelState {
        let deadline = ContinuousClock.now.advanced(by: Self.checkTimeout)
        do {
            guard try await transport.isModelReady(model.rawValue, version: nil, deadline: deadline) else {
                return .unavailable("not loaded in the inference server")
            }
            let metadata = try await transport.modelMetadata(model.rawValue, version: nil, deadline: deadline)
            let configuration = try await transport.modelConfiguration(model.rawValue, version: nil, deadline: deadline)
            return Self.judge(model, metadata, configuration, pinned: versions[model], scoring: scoring)
        } catch {
            return .unavailable(Self.words(for: error))
        }
    }

    /// Compares what the server says of a model with the contract. Pure.
    ///
    /// Without a pinned version, the newest loaded one that agrees with the contract; where none does, what is wrong
    /// with the newest.
    static func judge(
        _ model: ModelName, _ metadata: ModelMetadata, _ configuration: ModelConfiguration, pinned: String? = nil,
        scoring: Scoring
    ) -> ModelState {
        let newestFirst = metadata.versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
        let loaded = newestFirst.isEmpty ? "none" : newestFirst.reversed().joined(separator: ", ")
        if let pinned, !newestFirst.contains(pinned) {
            return .unavailable("version \(pinned) is not loaded in the inference server; loaded: \(loaded)")
        }
        let candidates = pinned.map { [$0] } ?? newestFirst
        let states = candidates.map { judge(model, version: $0, metadata, configuration, scoring: scoring) }
        return states.first { $0.info != nil } ?? states.first ?? .unavailable("no version is loaded")
    }

    private static func judge(
        _ model: ModelName, version: String, _ metadata: ModelMetadata, _ configuration: ModelConfiguration,
        scoring: Scoring
    ) -> ModelState {
        var configuration = configuration
        configuration.parameters = configuration.parameters(ofVersion: version)
        var info = ModelInfo(metadata: metadata, configuration: configuration, version: version, additive: nil)
        var differences: [String] = []
        if version != "1", !scoring.models.isEmpty, scoring.models[model.rawValue] == nil {
            differences.append("the scoring file names no fit_id of this model, so only its version 1 may be used")
        }
        if model == .ebm {
            switch AdditiveModel.read(configuration) {
            case .success(let additive): info.additive = additive
            case .failure(let problem): differences.append(problem.words)
            }
        }
        let contract = ModelContract(model, scoring: scoring, terms: info.additive?.terms.count)
        differences += contract.differences(from: metadata, configuration: configuration, version: version)
        return differences.isEmpty ? .ready(info) : .mismatch(differences)
    }

    private static func words(for error: TritonError) -> String {
        switch error {
        case .unreachable(let reason): "the inference server cannot be reached: \(reason)"
        case .connectionLost(let reason): "the connection to the inference server broke: \(reason)"
        case .deadlineExceeded: "the inference server does not answer in time"
        case .cancelled, .shutDown: "the gateway is shutting down"
        case .server(let fault, let message): "the inference server says \(fault.rawValue): \(message)"
        case .invalidResponse(let reason): "the inference server's answer is not valid: \(reason)"
        case .invalidRequest(let reason): "the request was not valid: \(reason)"
        }
    }
}

/// What the models' states mean for callers.
enum Readiness: String, Sendable, Equatable {
    case ready
    /// Some model is away, and a fit for the others exists.
    case degraded
    case notReady = "not_ready"

    /// A mismatch is never worked around: it says that somebody deployed the wrong thing.
    init(_ states: [ModelName: ModelState], scoring: Scoring) {
        let mismatched = states.values.contains { if case .mismatch = $0 { true } else { false } }
        var usable = ModelName.allCases.filter { states[$0]?.info != nil }
        if usable.count == ModelName.allCases.count {
            self = .ready
            return
        }
        if !usable.contains(.sentenceEncoder) { usable.removeAll { $0 == .ebm } }
        let answering = usable.filter(ModelName.scorers.contains).map(\.rawValue)
        self = !mismatched && scoring.ensemble(for: answering) != nil ? .degraded : .notReady
    }
}
