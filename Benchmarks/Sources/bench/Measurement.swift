import CAllocationCount

/// Times of repeated runs of one thing, in seconds.
struct Measurement {
    /// Ascending.
    private let times: [Double]

    /// Runs the body `rounds` times, each time measured by itself.
    init(rounds: Int, _ body: () -> Void) {
        self.init(times: (0..<rounds).map { _ in seconds(body) })
    }

    init(times: [Double]) {
        self.times = times.sorted()
    }

    /// The quickest: what the code takes when nothing else disturbs it.
    var best: Double { times[0] }
    var median: Double { percentile(50) }

    func percentile(_ percent: Int) -> Double { times[min(times.count - 1, times.count * percent / 100)] }
}

/// What one kind of work costs over many inputs.
struct Cost {
    /// One an input: the best of three passes over all. Not of three runs in a row: the processor knows a text by heart
    /// then (branches, caches), and the lexical features seem 1.7 times as fast.
    let times: Measurement
    /// The mean over the inputs.
    let mallocs: Double

    init<Input, Output>(of inputs: [Input], _ work: (Input) -> Output) {
        var best = [Double](repeating: .infinity, count: inputs.count)
        for _ in 0..<3 {
            for (place, input) in inputs.enumerated() { best[place] = min(best[place], seconds { keep(work(input)) }) }
        }
        times = Measurement(times: best)
        mallocs = Self.mallocs(of: inputs, work)
    }

    /// Calls of the allocator an input.
    static func mallocs<Input, Output>(of inputs: [Input], _ work: (Input) -> Output) -> Double {
        let before = allocation_count()
        for input in inputs { keep(work(input)) }
        return Double(allocation_count() - before) / Double(inputs.count)
    }
}

/// Seconds that the body takes.
func seconds(_ body: () -> Void) -> Double {
    let time = ContinuousClock().measure(body).components
    return Double(time.seconds) + Double(time.attoseconds) * 1e-18
}

/// Takes a result that nobody reads, so that the compiler cannot leave the work out.
@inline(never)
func keep<Value>(_ value: borrowing Value) {}
