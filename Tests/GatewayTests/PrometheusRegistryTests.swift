import Features
import Metrics
import Testing

@testable import Gateway

@Suite struct `The Prometheus exporter` {
    private static let families = [
        MetricFamily("events_total", .counter, "Events, \"by\" kind\\sort.\nTwo lines.", labels: ["kind", "place"]),
        MetricFamily("level", .gauge, "A level."),
        MetricFamily("size", .histogram([1, 2.5, 10]), "Sizes.", labels: ["kind"]),
        MetricFamily("few_total", .counter, "Few.", labels: ["name"], maximumSeries: 2),
    ]
    private let registry = PrometheusRegistry(families)

    private var text: String { String(decoding: registry.exposition, as: UTF8.self) }
    private var lines: [Substring] { text.split(separator: "\n") }

    private func counter(_ name: String, _ labels: [(String, String)] = []) -> Counter {
        Counter(label: name, dimensions: labels, factory: registry)
    }

    @Test func `describes a family before anything has happened`() {
        #expect(lines.contains("# TYPE events_total counter"))
        #expect(lines.contains("# TYPE level gauge"))
        #expect(lines.contains("# TYPE size histogram"))
        #expect(lines.count { $0.hasPrefix("# HELP") } == Self.families.count)
        #expect(!lines.contains { !$0.hasPrefix("#") })
        #expect(text.hasSuffix("\n"))
    }

    @Test func `escapes help and label values, so that no value can make a line of its own`() {
        counter("events_total", [("kind", "a\"b\\c\nd 1\n"), ("place", "é")]).increment()
        #expect(lines.contains(##"# HELP events_total Events, "by" kind\\sort.\nTwo lines."##))
        #expect(lines.contains(##"events_total{kind="a\"b\\c\nd 1\n",place="é"} 1"##))
    }

    @Test func `counts, in the labels' declared order, whichever order they are given in`() {
        counter("events_total", [("kind", "a"), ("place", "x")]).increment(by: 2)
        counter("events_total", [("place", "x"), ("kind", "a")]).increment()
        counter("events_total", [("kind", "b")]).increment()
        #expect(lines.contains(#"events_total{kind="a",place="x"} 3"#))
        #expect(lines.contains(#"events_total{kind="b",place=""} 1"#))
    }

    @Test func `cumulates a histogram's buckets; a value on a bound belongs below it`() {
        let recorder = Recorder(label: "size", dimensions: [("kind", "a")], aggregate: true, factory: registry)
        for value in [0.5, 1, 2, 10, 11] { recorder.record(value) }
        let expected = [
            #"size_bucket{kind="a",le="1"} 2"#, #"size_bucket{kind="a",le="2.5"} 3"#,
            #"size_bucket{kind="a",le="10"} 4"#, #"size_bucket{kind="a",le="+Inf"} 5"#, #"size_sum{kind="a"} 24.5"#,
            #"size_count{kind="a"} 5"#,
        ]
        #expect(lines.filter { $0.hasPrefix("size_") }.map(String.init) == expected)
    }

    @Test func `keeps durations in seconds`() {
        let timer = Timer(label: "size", dimensions: [("kind", "t")], factory: registry)
        timer.record(duration: .milliseconds(1500))
        #expect(lines.contains(#"size_sum{kind="t"} 1.5"#))
    }

    @Test func `a gauge goes up and down`() {
        let meter = Meter(label: "level", factory: registry)
        meter.increment(by: 3)
        meter.decrement()
        #expect(lines.contains("level 2"))
        meter.set(0.125)
        #expect(lines.contains("level 0.125"))
    }

    @Test func `a value that is not a number leaves no trace in a sum`() {
        let recorder = Recorder(label: "size", dimensions: [], aggregate: true, factory: registry)
        for value in [Double.nan, .infinity, 1] { recorder.record(value) }
        Meter(label: "level", factory: registry).increment(by: Double.nan)
        #expect(lines.contains(#"size_count{kind=""} 1"#))
        #expect(lines.contains(#"size_sum{kind=""} 1"#))
        #expect(lines.contains("level 0"))
    }

    @Test func `more label values than a family may have are counted together`() {
        for name in ["a", "b", "c", "d", "a"] { counter("few_total", [("name", name)]).increment() }
        let expected = [#"few_total{name="a"} 2"#, #"few_total{name="b"} 1"#, #"few_total{name="other"} 2"#]
        #expect(lines.filter { $0.hasPrefix("few_total{") }.map(String.init) == expected)
    }

    @Test func `what no family describes, or describes as another kind, is dropped`() {
        counter("unheard_of_total").increment()
        counter("level").increment()
        Recorder(label: "events_total", dimensions: [], aggregate: true, factory: registry).record(1)
        Timer(label: "events_total", dimensions: [], factory: registry).record(duration: .seconds(1))
        #expect(!lines.contains { !$0.hasPrefix("#") }, "\(text)")
    }

    @Test func `loses no update of many at once`() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        counter("events_total", [("kind", "k"), ("place", "p")]).increment()
                        Recorder(label: "size", dimensions: [("kind", "k")], aggregate: true, factory: registry).record(
                            2)
                    }
                }
            }
        }
        #expect(lines.contains(#"events_total{kind="k",place="p"} 8000"#))
        #expect(lines.contains(#"size_count{kind="k"} 8000"#))
        #expect(lines.contains(#"size_sum{kind="k"} 16000"#))
    }

    @Test(
        arguments: [
            (0, "0"), (-3, "-3"), (2.5, "2.5"), (1e-7, "1e-07"), (1e20, "1e+20"), (.infinity, "+Inf"),
            (-.infinity, "-Inf"),
            (.nan, "NaN"),
        ] as [(Double, String)])
    func `writes numbers as Prometheus reads them`(value: Double, expected: String) {
        #expect(PrometheusText.number(value) == expected)
    }
}

@Suite struct `The gateway's list of metrics` {
    @Test func `keeps to Prometheus's rules for names, labels and buckets`() {
        let names = MetricFamily.gateway.map(\.name)
        #expect(Set(names).count == names.count)
        for family in MetricFamily.gateway {
            #expect(family.name.wholeMatch(of: /(gateway|process)_[a-z0-9_]+/) != nil, "\(family.name)")
            #expect(family.name.hasSuffix("_total") == (family.kind == .counter), "\(family.name)")
            #expect(family.help.hasSuffix("."), "\(family.name)")
            #expect(family.labels.allSatisfy { $0.wholeMatch(of: /[a-z][a-z_]*/) != nil && $0 != "le" })
            if case .histogram(let bounds) = family.kind {
                #expect(!bounds.isEmpty && zip(bounds, bounds.dropFirst()).allSatisfy(<), "\(family.name)")
            }
        }
    }

    @Test func `its features are features`() {
        for (feature, family) in MetricFamily.featureHistograms {
            #expect(FeatureSchema.current.names.contains(feature))
            #expect(family.name == "gateway_feature_\(feature)")
        }
    }
}
