import Logging
import Synchronization

/// Analyses that nobody waits for: what another set would have said of an essay, compared with what was answered.
///
/// They begin after the answer, a bounded number at once, and are left out rather than queued where there is no room.
/// What comes of them is counted and never logged: a verdict, or the distance between two, belongs to a single text.
final class ShadowRuns: Sendable {
    enum Outcome: String, CaseIterable, Sendable {
        /// The same verdict, another verdict.
        case agree, differ
        case failed
        /// There was no room.
        case skipped
    }

    private let limit: Int
    private let logger: Logger
    private let metrics: GatewayMetrics?
    private let running = Mutex(0)

    init(limit: Int, logger: Logger, metrics: GatewayMetrics?) {
        self.limit = limit
        self.metrics = metrics
        self.logger = logger
    }

    /// Starts an analysis by `shadow` and returns at once.
    /// - Parameter limit: how long it may take.
    func start(
        _ shadow: RolloutMember, _ text: String, requestID: String, limit: Duration, served: Analysis
    ) {
        guard enter() else {
            metrics?.shadowed(shadow.name, .skipped)
            return
        }
        Task(priority: .background) {
            defer { running.withLock { $0 -= 1 } }
            do throws(GatewayError) {
                let analysis = try await shadow.pipeline.analyze(
                    text, requestID: requestID, deadline: .now.advanced(by: limit))
                metrics?.shadowed(
                    shadow.name, analysis.verdict == served.verdict ? .agree : .differ,
                    difference: analysis.probability - served.probability)
            } catch {
                metrics?.shadowed(shadow.name, .failed)
                logger.warning(
                    "shadow failed",
                    metadata: [
                        "request_id": "\(requestID)", "set": "\(shadow.name)", "code": "\(error.code.rawValue)",
                        "problem": "\(error.message)",
                    ])
            }
        }
    }

    private func enter() -> Bool {
        running.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
    }
}
