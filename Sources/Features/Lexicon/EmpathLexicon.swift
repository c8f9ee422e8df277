/// Empath's categories, and which of them each term belongs to.
enum EmpathLexicon {
    /// In Empath's order and spelling.
    static let names = EmpathCategories.names.split(whereSeparator: \.isWhitespace).map(String.init)

    private struct Table: Sendable {
        var slots: HashSlots
        /// Where each slot's categories lie in `categories`.
        var ranges: [Range<Int32>]
        var categories: [UInt8] = []
        var termCounts: [Int]

        init() {
            slots = HashSlots(wordCount: EmpathCategories.termCount)
            ranges = [Range<Int32>](repeating: 0..<0, count: slots.capacity)
            categories.reserveCapacity(EmpathCategories.pairCount)
            termCounts = [Int](repeating: 0, count: EmpathLexicon.names.count)
            FrontCoding.forEachTerm(in: EmpathCategories.encoded) { term, values in
                let start = Int32(categories.count)
                categories.append(contentsOf: values)
                let slot = slots.insert(WordHash(exactly: term).value)
                ranges[slot] = start..<Int32(categories.count)
                for value in values { termCounts[Int(value)] += 1 }
            }
        }
    }

    private static let table = Table()

    /// Number of terms of each category.
    static var termCounts: [Int] { table.termCounts }

    /// Adds one to the count of each category that a term belongs to.
    /// - Parameter hash: ``WordHash`` of the term as it is written.
    @inline(__always)
    static func add(_ hash: UInt64, to counts: inout [Int32]) {
        guard let slot = table.slots.find(hash) else { return }
        for index in table.ranges[slot] { counts[Int(table.categories[Int(index)])] &+= 1 }
    }
}
