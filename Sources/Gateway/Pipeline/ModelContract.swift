import Features
import TritonClient

/// The models that the gateway calls, by the names of `triton_model_repo/`.
enum ModelName: String, CaseIterable, Sendable {
    case bertBiLSTM = "bert_bilstm"
    case bertClassifier = "bert_classifier"
    case ngramClassifier = "ngram_classifier"
    case sentenceEncoder = "sentence_encoder"
    case ebm

    /// The models that read windows of token ids.
    static let classifiers: [ModelName] = [.bertBiLSTM, .bertClassifier, .ngramClassifier]
    /// The models whose logits are stacked.
    static let scorers = classifiers + [.ebm]
}

/// What a model must take and give, compared with what Triton says of it.
///
/// -1 stands for any size; the first dimension is the batch.
struct ModelContract: Sendable {
    var inputs: [TensorMetadata]
    var outputs: [TensorMetadata]
    /// Parameters of `config.pbtxt` whose value is known in advance.
    var parameters: [String: String]

    /// Embedding size of `sentence_encoder`.
    static let embeddingSize = 384

    /// The contract of `model`, for the compiled feature schema and the fit that `scoring` was made with.
    init(_ model: ModelName, scoring: Scoring, terms: Int? = nil) {
        let tokens = [
            TensorMetadata(name: "input_ids", datatype: "INT64", shape: [-1, -1]),
            TensorMetadata(name: "attention_mask", datatype: "INT64", shape: [-1, -1]),
        ]
        parameters = [:]
        if let fitted = scoring.models[model.rawValue] { parameters["fit_id"] = fitted.fitID }
        switch model {
        case .bertBiLSTM, .bertClassifier, .ngramClassifier:
            inputs = tokens
            outputs = [TensorMetadata(name: "logits", datatype: "FP32", shape: [-1, 2])]
        case .sentenceEncoder:
            inputs = [tokens[0], TensorMetadata(name: "sentence_lengths", datatype: "INT64", shape: [-1, -1])]
            outputs = [TensorMetadata(name: "embedding", datatype: "FP32", shape: [-1, -1, Self.embeddingSize])]
        case .ebm:
            inputs = [
                TensorMetadata(name: "features", datatype: "FP64", shape: [-1, FeatureSchema.current.count])
            ]
            outputs = [
                TensorMetadata(name: "logit", datatype: "FP32", shape: [-1, 1]),
                TensorMetadata(name: "scores", datatype: "FP32", shape: [-1, terms ?? -1]),
            ]
            parameters["feature_schema_hash"] = FeatureSchema.current.hash
            parameters["feature_names"] = FeatureSchema.current.names.joined(separator: ",")
        }
    }

    /// Every difference between the contract and what the server has, in words; empty where they agree.
    /// - Parameter version: the one that `configuration`'s parameters speak of.
    func differences(
        from metadata: ModelMetadata, configuration: ModelConfiguration, version: String = "1"
    ) -> [String] {
        Self.compare(inputs, with: metadata.inputs, kind: "input")
            + Self.compare(outputs, with: metadata.outputs, kind: "output")
            + parameters.sorted { $0.key < $1.key }.compactMap { key, expected in
                let found = configuration.parameters[key]
                if found == expected { return nil }
                return Self.parameterDifference(key, expected: expected, found: found, version: version)
            }
    }

    private static func compare(_ expected: [TensorMetadata], with found: [TensorMetadata], kind: String) -> [String] {
        var differences: [String] = []
        for tensor in expected {
            guard let other = found.first(where: { $0.name == tensor.name }) else {
                let names = found.map(\.name).joined(separator: ", ")
                differences.append("\(kind) \(tensor.name) is missing (the model has \(names))")
                continue
            }
            if other.datatype != tensor.datatype {
                differences.append("\(kind) \(tensor.name) is \(other.datatype), expected \(tensor.datatype)")
            }
            let fits =
                other.shape.count == tensor.shape.count
                && zip(other.shape, tensor.shape).allSatisfy { $0 == $1 || $0 == -1 || $1 == -1 }
            if !fits {
                differences.append("\(kind) \(tensor.name) has shape \(other.shape), expected \(tensor.shape)")
            }
        }
        // An input that we would not send makes every request fail; an output too many does no harm.
        if kind == "input" {
            for tensor in found where !expected.contains(where: { $0.name == tensor.name }) {
                differences.append("the model wants an input \(tensor.name) that the gateway does not send")
            }
        }
        return differences
    }

    private static func parameterDifference(
        _ key: String, expected: String, found: String?, version: String
    ) -> String {
        guard let found else {
            return "config.pbtxt has no parameter \(ModelConfiguration.parameterName(key, ofVersion: version))"
        }
        switch key {
        case "feature_names":
            let (ours, theirs) = (expected.split(separator: ","), found.split(separator: ","))
            if let place = zip(ours, theirs).enumerated().first(where: { $0.element.0 != $0.element.1 }) {
                return "feature \(place.offset) is \(place.element.1), expected \(place.element.0)"
            }
            return "the model has \(theirs.count) features, expected \(ours.count)"
        case "fit_id":
            return "the calibration was fitted for \(key) \(expected), the server has \(found)"
        default:
            return "parameter \(key) is \(found), expected \(expected)"
        }
    }
}

extension ModelConfiguration {
    /// The parameters that speak of one version, under their plain names.
    ///
    /// Triton has one config.pbtxt for all versions of a model. In ours `fit_id` speaks of version 1 and `fit_id.2` of
    /// version 2, and so with every parameter: nothing said of one version is ever taken for another.
    func parameters(ofVersion version: String) -> [String: String] {
        guard version != "1" else { return parameters }
        let ending = ".\(version)"
        return Dictionary(
            parameters.filter { $0.key.hasSuffix(ending) }.map { (String($0.key.dropLast(ending.count)), $0.value) },
            uniquingKeysWith: { first, _ in first })
    }

    static func parameterName(_ key: String, ofVersion version: String) -> String {
        version == "1" ? key : "\(key).\(version)"
    }
}
