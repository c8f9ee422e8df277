import Metrics
import Synchronization

/// Keeps the metrics of a list of families, and writes them as Prometheus reads them.
///
/// A backend of swift-metrics. What is recorded under a name that no family has, or as another kind than its family's, is
/// dropped. An update takes no lock that another metric's update takes; looking a series up by its labels takes its
/// family's.
final class PrometheusRegistry: MetricsFactory, Sendable {
    private let families: [SeriesOfFamily]
    private let places: [String: Int]

    init(_ families: [MetricFamily]) {
        self.families = families.map(SeriesOfFamily.init)
        places = Dictionary(
            families.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    /// The text exposition format 0.0.4: a family without a series has its HELP and TYPE lines all the same.
    var exposition: [UInt8] {
        var writer = PrometheusText()
        for family in families { writer.write(family.family, family.snapshot) }
        return writer.bytes
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        number(label, .counter, dimensions) ?? NOOPMetricsHandler.instance
    }

    func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        number(label, .counter, dimensions) ?? NOOPMetricsHandler.instance
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        number(label, .gauge, dimensions) ?? NOOPMetricsHandler.instance
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return histogram(label, dimensions) ?? NOOPMetricsHandler.instance }
        return number(label, .gauge, dimensions) ?? NOOPMetricsHandler.instance
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    // Series live as long as the process: one that went away and came back would look like a restart.
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    /// For a count that is kept elsewhere, by the kernel.
    func setCounter(_ family: MetricFamily, to value: Double) {
        number(family.name, .counter, [])?.set(value)
    }

    private func number(_ name: String, _ kind: MetricFamily.Kind, _ dimensions: [(String, String)]) -> NumberCell? {
        guard let place = places[name], families[place].family.kind == kind,
            case .number(let cell) = families[place].cell(dimensions)
        else { return nil }
        return cell
    }

    private func histogram(_ name: String, _ dimensions: [(String, String)]) -> HistogramCell? {
        guard let place = places[name], case .histogram = families[place].family.kind,
            case .histogram(let cell) = families[place].cell(dimensions)
        else { return nil }
        return cell
    }
}

/// A metric's place in memory.
enum MetricCell: Sendable {
    case number(NumberCell)
    case histogram(HistogramCell)
}

/// The series of one family, by the values of its labels.
private final class SeriesOfFamily: Sendable {
    let family: MetricFamily
    private let series = Mutex<[[String]: MetricCell]>([:])

    init(_ family: MetricFamily) {
        self.family = family
    }

    /// In the order of the labels' values, so that two expositions can be compared.
    var snapshot: [(values: [String], cell: MetricCell)] {
        series.withLock { $0.map { (values: $0.key, cell: $0.value) } }
            .sorted { $0.values.lexicographicallyPrecedes($1.values) }
    }

    /// The series for these values; labels that the family does not have are dropped, those that are not given empty.
    func cell(_ dimensions: [(String, String)]) -> MetricCell {
        var values = family.labels.map { label in dimensions.first { $0.0 == label }?.1 ?? "" }
        return series.withLock { series in
            if let cell = series[values] { return cell }
            if series.count >= family.maximumSeries {
                values = values.map { _ in MetricFamily.overflow }
                if let cell = series[values] { return cell }
            }
            let cell = makeCell()
            series[values] = cell
            return cell
        }
    }

    private func makeCell() -> MetricCell {
        if case .histogram(let bounds) = family.kind { return .histogram(HistogramCell(bounds: bounds)) }
        return .number(NumberCell())
    }
}
