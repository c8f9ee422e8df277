import Logging
import Synchronization
import Testing

/// A logger that keeps its lines for a test to read.
final class LogLines: Sendable {
    private let lines = Mutex<[(message: String, metadata: [String: String])]>([])

    private struct Handler: LogHandler {
        let target: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
            target.lines.withLock { $0.append(("\(event.message)", all)) }
        }
    }

    var logger: Logger { Logger(label: "test") { _ in Handler(target: self) } }

    /// All that was logged.
    var text: String {
        lines.withLock { lines in lines.map { "\($0.message) \($0.metadata)" }.joined(separator: "\n") }
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
