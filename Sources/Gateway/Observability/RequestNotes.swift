import Synchronization

/// What a route learns of its request and the envelope around it tells: in the access log, and in `Server-Timing`.
///
/// The key's id, sizes and times only: neither text nor what was found of it, so that no log says of anybody's essay what it was taken for.
final class RequestNotes: Sendable {
    struct Content: Sendable {
        /// Nil where no key was asked for.
        var keyID: String?
        var words: Int?
        var tokens: Int?
        /// Whether some model was missing.
        var isDegraded = false
        var timings: StageTimings?
        /// Of the scoring file, and of each model that answered.
        var scoringVersion: String?
        var modelVersions: String?
    }

    private let state = Mutex(Content())

    var content: Content { state.withLock { $0 } }

    func note(keyID: String) {
        state.withLock { $0.keyID = keyID }
    }

    func note(_ analysis: Analysis) {
        state.withLock { content in
            content.words = analysis.wordCount
            content.tokens = analysis.tokenCount
            content.isDegraded = !analysis.missing.isEmpty
            content.timings = analysis.timings
            content.scoringVersion = analysis.scoringVersion
            content.modelVersions = analysis.versions
        }
    }
}
