/// One family of metrics: what a name means, and what its labels may be. The exporter writes only families of its list, so
/// each has a description, and nothing can fill it with series without end.
struct MetricFamily: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case counter
        case gauge
        /// Upper bounds of the buckets, ascending, without infinity.
        case histogram([Double])

        /// As in the exposition's TYPE line.
        var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// Prometheus's rules: letters, digits and underscores; a unit at the end; counters end in `_total`.
    var name: String
    var kind: Kind
    /// One sentence.
    var help: String
    /// In the order in which they are written.
    var labels: [String]
    /// More combinations of label values than this are counted under `other`.
    var maximumSeries: Int

    init(_ name: String, _ kind: Kind, _ help: String, labels: [String] = [], maximumSeries: Int = 200) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.maximumSeries = maximumSeries
    }

    /// The value of every label once a family is full.
    static let overflow = "other"
}

extension MetricFamily {
    /// A Markdown table of families, for docs/operations.md.
    static func table(_ families: [MetricFamily]) -> String {
        let rows = families.map { family in
            let labels = family.labels.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(family.name)` | \(family.kind.word) | \(labels) | \(family.help) |\n"
        }
        return "| metric | type | labels | what |\n|---|---|---|---|\n" + rows.joined()
    }
}
