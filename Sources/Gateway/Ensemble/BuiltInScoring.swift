import Foundation

/// The scoring file that was fitted for the models of `triton_model_repo/`, part of the binary.
enum BuiltInScoring {
    static var json: Data { Data(scoringText.utf8) }
}

extension Scoring {
    /// Knows nothing: for computing features before anything was fitted.
    static let empty = Scoring(
        version: "none", featureSchemaHash: "", models: [:],
        windows: WindowShape(maximumLength: 256, overlap: 64), ensembles: [], references: [:])
}
