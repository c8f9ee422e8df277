import Logging
import Synchronization

/// Keeps what is logged.
final class RecordedLog: Sendable {
    private let lines = Mutex<[(message: String, metadata: [String: String])]>([])

    /// The fields of the access log's lines.
    var requests: [[String: String]] {
        lines.withLock { $0.filter { $0.message == "request" }.map(\.metadata) }
    }

    struct Handler: LogHandler {
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info
        let log: RecordedLog

        init(log: RecordedLog) {
            self.log = log
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).mapValues { "\($0)" }
            log.lines.withLock { $0.append(("\(event.message)", fields)) }
        }
    }
}
