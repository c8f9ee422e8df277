/// Times of repeated runs of one thing, in seconds.
struct Measurement {
    /// Ascending.
    private let times: [Double]

    /// Runs the body `rounds` times, each time measured by itself.
    init(rounds: Int, _ body: () -> Void) {
        times = (0..<rounds).map { _ in seconds(body) }.sorted()
    }

    init(times: [Double]) {
        self.times = times.sorted()
    }

    /// The quickest: what the code takes when nothing else disturbs it.
    var best: Double { times[0] }
    var median: Double { percentile(50) }

    func percentile(_ percent: Int) -> Double { times[min(times.count - 1, times.count * percent / 100)] }
}

/// Seconds that the body takes.
func seconds(_ body: () -> Void) -> Double {
    let time = ContinuousClock().measure(body).components
    return Double(time.seconds) + Double(time.attoseconds) * 1e-18
}
