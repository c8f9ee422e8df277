/// Where each byte of a stage's output came from: runs, ascending in output and in input.
///
/// A run is either copied, byte for byte, or replaced as a whole: several input bytes became several output bytes, and
/// a part of the output stands for all of the input. Input that left no output lies in the gaps between runs.
struct OffsetMap: Sendable {
    struct Run: Sendable, Equatable {
        var output: Int
        var input: Int
        /// Bytes of input. Those of the output reach up to the next run.
        var inputCount: Int
        var isCopy: Bool
    }

    private(set) var runs: [Run] = []

    mutating func append(_ run: Run) {
        runs.append(run)
    }

    /// Lengthens the last run if it is a copy that ends just before `input`.
    mutating func extendCopy(output: Int, input: Int, count: Int) {
        if let last = runs.last, last.isCopy, last.input + last.inputCount == input,
            last.output + last.inputCount == output
        {
            runs[runs.count - 1].inputCount += count
        } else {
            runs.append(Run(output: output, input: input, inputCount: count, isCopy: true))
        }
    }

    /// Takes back the last output byte, which must have been copied.
    mutating func retractCopiedByte() {
        guard let last = runs.last, last.isCopy else { return }
        if last.inputCount == 1 {
            runs.removeLast()
        } else {
            runs[runs.count - 1].inputCount -= 1
        }
    }

    /// The input that `output` came from. Both ends must be scalar boundaries of the output, and inside it.
    func inputRange(_ output: Range<Int>) -> Range<Int> {
        guard let first = run(containing: output.lowerBound) else { return 0..<0 }
        if output.isEmpty {
            let position = start(of: output.lowerBound, in: runs[first])
            return position..<position
        }
        let lower = start(of: output.lowerBound, in: runs[first])
        let last = runs[run(containing: output.upperBound - 1) ?? first]
        let upper =
            last.isCopy ? last.input + (output.upperBound - last.output) : last.input + last.inputCount
        return lower..<max(lower, upper)
    }

    private func start(of output: Int, in run: Run) -> Int {
        run.isCopy ? run.input + min(output - run.output, run.inputCount) : run.input
    }

    /// Index of the last run that begins at or before `output`; O(log n).
    private func run(containing output: Int) -> Int? {
        guard !runs.isEmpty else { return nil }
        var (low, high) = (0, runs.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if runs[middle].output <= output { low = middle } else { high = middle }
        }
        return low
    }
}

/// Output of a cleaning stage, written front to back, with the way back to the stage's input.
struct MappedText: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var map = OffsetMap()

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Copies `range` of `input`.
    mutating func copy(_ input: [UInt8], _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        map.extendCopy(output: bytes.count, input: range.lowerBound, count: range.count)
        bytes.append(contentsOf: input[range])
    }

    /// Writes `replacement` for the input's `range`.
    mutating func replace(_ range: Range<Int>, with replacement: some Collection<UInt8>) {
        guard !replacement.isEmpty else { return }
        map.append(
            OffsetMap.Run(output: bytes.count, input: range.lowerBound, inputCount: range.count, isCopy: false))
        bytes.append(contentsOf: replacement)
    }

    /// Takes back the space that was copied last, if one was.
    mutating func retractSpace() {
        guard bytes.last == UInt8(ascii: " "), map.runs.last?.isCopy == true else { return }
        bytes.removeLast()
        map.retractCopiedByte()
    }
}
