/// Writes Prometheus's text exposition format, version 0.0.4.
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var bytes: [UInt8] = []

    mutating func write(_ family: MetricFamily, _ series: [(values: [String], cell: MetricCell)]) {
        line("# HELP \(family.name) \(Self.escaped(family.help, quotes: false))")
        line("# TYPE \(family.name) \(family.kind.word)")
        for (values, cell) in series {
            let labels = zip(family.labels, values).map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }
            switch cell {
            case .number(let cell): sample(family.name, labels, Self.number(cell.value))
            case .histogram(let cell): write(cell, family.name, labels)
            }
        }
    }

    private mutating func write(_ cell: HistogramCell, _ name: String, _ labels: [String]) {
        let counts = cell.snapshot
        var total: UInt64 = 0
        for (bound, count) in zip(cell.bounds + [.infinity], counts.buckets) {
            total += count
            sample(name + "_bucket", labels + ["le=\"\(Self.number(bound))\""], "\(total)")
        }
        sample(name + "_sum", labels, Self.number(counts.sum))
        sample(name + "_count", labels, "\(total)")
    }

    private mutating func sample(_ name: String, _ labels: [String], _ value: String) {
        line(name + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}") + " " + value)
    }

    private mutating func line(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// As Go reads it; whole numbers without a point.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if value.magnitude < 1e15, let whole = Int64(exactly: value) { return "\(whole)" }
        return "\(value)"
    }

    static func escaped(_ text: String, quotes: Bool) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): result += Array(#"\\"#.utf8)
            case UInt8(ascii: "\n"): result += Array(#"\n"#.utf8)
            case UInt8(ascii: "\"") where quotes: result += Array(#"\""#.utf8)
            default: result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
