/// Empath's categories, and which of them each term belongs to.
struct EmpathLexicon: Sendable {
    static let shared = EmpathLexicon()

    /// In Empath's order and spelling.
    static let names = EmpathCategories.names.split(whereSeparator: \.isWhitespace).map(String.init)

    /// Number of terms of each category.
    static var termCounts: [Int] {
        var counts = [Int](repeating: 0, count: names.count)
        for category in shared.categories { counts[Int(category)] += 1 }
        return counts
    }

    private var slots: HashSlots
    /// Where each slot's categories lie in `categories`.
    private var ranges: [Range<Int32>]
    private var categories: [UInt8] = []

    private init() {
        var (slots, categories) = (HashSlots(wordCount: EmpathCategories.termCount), [UInt8]())
        var ranges = [Range<Int32>](repeating: 0..<0, count: slots.capacity)
        categories.reserveCapacity(EmpathCategories.pairCount)
        FrontCoding.forEachTerm(in: EmpathCategories.encoded) { term, values in
            let start = Int32(categories.count)
            categories.append(contentsOf: values)
            ranges[slots.insert(WordHash(exactly: term).value)] = start..<Int32(categories.count)
        }
        (self.slots, self.ranges, self.categories) = (slots, ranges, categories)
    }

    /// Adds one to the count of each category that a term belongs to.
    /// - Parameter hash: ``WordHash`` of the term as it is written.
    @inline(__always)
    func add(_ hash: UInt64, to counts: inout [Int32]) {
        guard let slot = slots.find(hash) else { return }
        for index in ranges[slot] { counts[Int(categories[Int(index)])] &+= 1 }
    }
}
