import Metrics
import Synchronization

/// The value of one counter or gauge. Lock-free.
final class NumberCell: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, Sendable {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    /// Counters start again at zero only with the process; swift-metrics asks for this all the same.
    func reset() { set(0.0) }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { add(amount) }
    func decrement(by amount: Double) { add(-amount) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    private func add(_ amount: Double) {
        // One that is not a number would stay in the sum for ever.
        guard amount.isFinite else { return }
        var seen = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: seen) + amount).bitPattern
            let (exchanged, original) = bits.compareExchange(expected: seen, desired: sum, ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }
}

/// The buckets of one histogram. Durations are kept in seconds.
final class HistogramCell: RecorderHandler, TimerHandler, Sendable {
    struct Counts: Sendable, Equatable {
        /// One more than there are bounds: the last is for what lies above all of them. Not cumulated.
        var buckets: [UInt64]
        var sum = 0.0
    }

    let bounds: [Double]
    private let counts: Mutex<Counts>

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = Mutex(Counts(buckets: [UInt64](repeating: 0, count: bounds.count + 1)))
    }

    /// All of it at one instant.
    var snapshot: Counts { counts.withLock { $0 } }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        counts.withLock { counts in
            counts.buckets[place] += 1
            counts.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
