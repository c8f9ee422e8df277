import Foundation

/// What the kernel says of this process. Linux's /proc; nil elsewhere, for each figure that cannot be had.
struct ProcessFigures: Sendable {
    var cpuSeconds: Double?
    var residentBytes: Double?
    var openDescriptors: Double?
    var maximumDescriptors: Double?

    /// When somebody first asked, in seconds since 1970: while the gateway starts.
    static let start = Date.now.timeIntervalSince1970

    static func read() -> ProcessFigures {
        let status = text("/proc/self/status").map { lines($0) } ?? []
        let limits = text("/proc/self/limits").map { lines($0) } ?? []
        return ProcessFigures(
            cpuSeconds: text("/proc/self/stat").flatMap(cpuSeconds),
            residentBytes: number(after: "VmRSS:", in: status).map { $0 * 1024 },
            openDescriptors: (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map {
                Double($0.count)
            },
            maximumDescriptors: number(after: "Max open files", in: limits))
    }

    /// User and system time out of the fields of /proc/PID/stat. The program's name is in parentheses and may hold
    /// anything, so fields are counted from the last parenthesis.
    static func cpuSeconds(stat: String) -> Double? {
        guard let end = stat.utf8.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = stat[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return nil }
        return (user + system) / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    }

    private static func number(after start: String, in lines: [Substring]) -> Double? {
        guard let line = lines.first(where: { $0.hasPrefix(start) }) else { return nil }
        return line.dropFirst(start.count).split { $0 == " " || $0 == "\t" }.first.flatMap { Double($0) }
    }

    private static func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }

    private static func text(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }
}
