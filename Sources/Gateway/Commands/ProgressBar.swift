import Foundation
import Synchronization

/// A line on standard error that says how far a long run is. Silent when standard error is not a terminal.
final class ProgressBar: Sendable {
    private let total: Int?
    private let isTerminal: Bool
    private let start = ContinuousClock.now
    private let lastDrawn = Mutex<ContinuousClock.Instant?>(nil)

    /// - Parameter total: nil where it is not known beforehand.
    init(total: Int?) {
        self.total = total
        isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
    }

    /// Redraws at most ten times a second, and always at the end.
    func update(_ done: Int) {
        guard isTerminal else { return }
        let now = ContinuousClock.now
        let isDue = lastDrawn.withLock { last in
            if let last, last.duration(to: now) < .milliseconds(100), done != total { return false }
            last = now
            return true
        }
        guard isDue else { return }
        write(
            "\r" + Self.line(done: done, total: total, seconds: start.duration(to: now).milliseconds / 1000)
                + "\u{1B}[K")
    }

    func finish() {
        if isTerminal { write("\n") }
    }

    static func line(done: Int, total: Int?, seconds: Double) -> String {
        let rate = seconds > 0 ? (Double(done) / seconds * 10).rounded() / 10 : 0
        guard let total, total > 0 else { return "\(done) essays, \(rate)/s" }
        let width = 30
        let filled = min(width, done * width / total)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        let left = rate > 0 ? Int(Double(total - done) / rate) : 0
        return "[\(bar)] \(done)/\(total), \(rate)/s, \(left) s left"
    }

    private func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
