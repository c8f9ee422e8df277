/// A scoring file together with the model versions that it was fitted for. Sets are served, split and shadowed as a
/// whole: a score never mixes versions that were not fitted together.
struct ScoringSet: Sendable, Equatable {
    var name: String
    var scoring: Scoring
    /// Pinned versions; of the other models the newest loaded version whose fit id the scoring file names is used.
    var versions: [ModelName: String]
}

/// Which sets answer, checked for everything that can be checked without a server.
struct RolloutSettings: Sendable, Equatable {
    struct Share: Sendable, Equatable {
        var set: ScoringSet
        /// Of the texts, above 0.
        var percent: Double
    }

    /// The largest share. Its percentage and those of the others make 100.
    var main: Share
    var others: [Share] = []
    /// Computed and compared, not returned.
    var shadow: ScoringSet?

    /// Every text by one scoring file.
    static func single(_ scoring: Scoring) -> RolloutSettings {
        RolloutSettings(
            main: Share(set: ScoringSet(name: "default", scoring: scoring, versions: [:]), percent: 100))
    }
}
