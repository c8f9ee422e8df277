/// A run of characters with combining classes other than 0, which canonical ordering sorts by class.
///
/// Ordering is a stable counting sort, so that a run of any length costs linear time.
struct CombiningRun {
    private static let scalarMask: UInt32 = 0x1F_FFFF
    private static let consumes: UInt32 = 1 << 21
    private static let isNonspacing: UInt32 = 1 << 22
    private static let classShift: UInt32 = 24
    /// From this length on a counting sort, with its 257 counters, is quicker than insertion.
    private static let countingSortLength = 32

    /// Scalar value in bits 0–20, the two flags, the class in bits 24–31.
    private var entries: [UInt32] = []
    /// The characters of the input that the run was made from.
    private var sources: [Range<Int>] = []
    private var isSorted = true

    var isEmpty: Bool { entries.isEmpty }

    /// - Parameters:
    ///   - source: bytes of the input that the scalar value comes from.
    ///   - consumes: whether it is the first that comes from there; others follow from the same decomposition.
    mutating func append(_ scalar: UInt32, _ property: ScalarProperty, from source: Range<Int>, consumes: Bool) {
        let combiningClass = UInt32(property.combiningClass)
        if let last = entries.last, last >> Self.classShift > combiningClass { isSorted = false }
        if consumes { sources.append(source) }
        var entry = combiningClass << Self.classShift | scalar
        if consumes { entry |= Self.consumes }
        if property.isNonspacingMark { entry |= Self.isNonspacing }
        entries.append(entry)
    }

    /// Appends what is left of the run without nonspacing marks to the text, in canonical order, and empties the run.
    ///
    /// The input's characters are dealt out to the sorted run in the order of the input, as `tokenizers` does it: where
    /// two marks change places, so do their offsets.
    ///
    /// - Parameter preceding: what the character before the run comes from.
    mutating func flush(into text: inout NormalizedText, preceding: Range<Int>) {
        if !isSorted { sort() }
        var source = preceding
        var consumed = 0
        for entry in entries {
            if entry & Self.consumes != 0 {
                source = sources[consumed]
                consumed += 1
            }
            if entry & Self.isNonspacing == 0 { text.append(entry & Self.scalarMask, from: source) }
        }
        entries.removeAll(keepingCapacity: true)
        sources.removeAll(keepingCapacity: true)
        isSorted = true
    }

    private mutating func sort() {
        if entries.count < Self.countingSortLength {
            insertionSort()
        } else {
            countingSort()
        }
    }

    private mutating func insertionSort() {
        for index in entries.indices.dropFirst() {
            let entry = entries[index]
            var place = index
            while place > 0, entries[place - 1] >> Self.classShift > entry >> Self.classShift {
                entries[place] = entries[place - 1]
                place -= 1
            }
            entries[place] = entry
        }
    }

    private mutating func countingSort() {
        var places = [Int](repeating: 0, count: 257)
        for entry in entries { places[Int(entry >> Self.classShift) + 1] += 1 }
        for combiningClass in 1..<257 { places[combiningClass] += places[combiningClass - 1] }
        var sorted = entries
        for entry in entries {
            let combiningClass = Int(entry >> Self.classShift)
            sorted[places[combiningClass]] = entry
            places[combiningClass] += 1
        }
        entries = sorted
    }
}
