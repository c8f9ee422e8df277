import Logging
import Synchronization
import Testing

/// A logger that keeps its lines for a test to read.
final class LogLines: Sendable {
    private struct Line {
        var message: String
        var metadata: [String: String]
        /// The logger's own fields among them.
        var whole: [String: String]
    }

    private let lines = Mutex<[Line]>([])

    private struct Handler: LogHandler {
        let target: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let own = event.metadata ?? [:]
            let line = Line(
                message: "\(event.message)", metadata: own.mapValues { "\($0)" },
                whole: metadata.merging(own) { $1 }.mapValues { "\($0)" })
            target.lines.withLock { $0.append(line) }
        }
    }

    var logger: Logger { Logger(label: "test") { _ in Handler(target: self) } }

    /// The fields of the access log's lines.
    var requests: [[String: String]] {
        lines.withLock { $0.filter { $0.message == "request" }.map(\.metadata) }
    }

    /// All that was logged.
    var text: String {
        lines.withLock { lines in lines.map { "\($0.message) \($0.whole)" }.joined(separator: "\n") }
    }

    /// The metadata of the first line with this message, waited for.
    func first(_ message: String) async throws -> [String: String] {
        for _ in 0..<5000 {
            if let line = lines.withLock({ $0.first { $0.message == message } }) { return line.metadata }
            try await Task.sleep(for: .milliseconds(2))
        }
        return try #require(nil as [String: String]?, "no line '\(message)'")
    }
}
