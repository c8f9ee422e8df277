/// The part-of-speech tagger: one joint tag (XPOS and UPOS) a token, from left to right. Training's `tagger`.
struct Tagger: Sendable {
    private let table = RowTable(
        slots: ModelFile.numbers(.tagSlots, as: UInt32.self), lanes: ModelFile.numbers(.tagRows, as: UInt16.self))
    let tagCount: Int

    /// Rows of `TokenAtoms.outside` before and after a sentence.
    static let margin = 3

    init(tagCount: Int) {
        self.tagCount = tagCount
        precondition(ModelFile.setting(.tagWidth) == TagSums.width && tagCount <= TagSums.width, "80 tags at most")
    }

    /// - Parameters:
    ///   - atoms: a sentence's, with the margin before and after.
    ///   - tags: where the tags go.
    func tag(_ atoms: [TokenAtoms], into tags: inout [UInt8]) {
        tags.removeAll(keepingCapacity: true)
        var tag1 = UInt64(tagCount)
        var tag2 = tag1
        for place in Self.margin..<atoms.count - Self.margin {
            let best = sums(atoms, place, tag1, tag2).best(of: tagCount)
            tags.append(UInt8(best))
            tag2 = tag1
            tag1 = UInt64(best)
        }
    }

    /// - Parameters:
    ///   - t1: the tag of the token before.
    ///   - t2: the tag of the one before that.
    private func sums(_ atoms: [TokenAtoms], _ place: Int, _ t1: UInt64, _ t2: UInt64) -> TagSums {
        let (a2, a1, a, b1, b2) = (atoms[place - 2], atoms[place - 1], atoms[place], atoms[place + 1], atoms[place + 2])
        var sums = TagSums()
        add(&sums, 1, a.word)
        add(&sums, 2, a.word, t1)
        add(&sums, 3, a.word, a.shape)
        add(&sums, 4, a.suffix1)
        add(&sums, 5, a.suffix2)
        add(&sums, 6, a.suffix3, a.shape & 0x1FF)
        add(&sums, 7, a.suffix4)
        add(&sums, 8, a.prefix1)
        add(&sums, 9, a.prefix2)
        add(&sums, 10, a.prefix3)
        add(&sums, 11, a.shape, t1)
        add(&sums, 12, a.fine, a.shape & 7)
        add(&sums, 13, a.ambiguity, t1)
        add(&sums, 14, a.ambiguity, t1, t2)
        add(&sums, 15, a.ambiguity, b1.ambiguity)
        add(&sums, 16, a.ambiguity, t1, b1.ambiguity)
        add(&sums, 17, t1, t2)
        add(&sums, 18, t1)
        add(&sums, 19, a1.word)
        add(&sums, 20, b1.word)
        add(&sums, 21, a2.word)
        add(&sums, 22, b2.word)
        add(&sums, 23, a.word, b1.word)
        add(&sums, 24, a1.word, a.word)
        add(&sums, 25, a1.word, b1.word)
        add(&sums, 26, t1, a.fine, b1.fine)
        add(&sums, 27, b1.fine)
        add(&sums, 28, a1.fine)
        add(&sums, 29, a.fine, b1.coarse)
        add(&sums, 30, a1.coarse, a.coarse, b1.coarse)
        add(&sums, 31, a.ambiguity, b1.ambiguity, b2.ambiguity)
        add(&sums, 32, b1.suffix3, a.ambiguity)
        add(&sums, 33, b1.shape, a.shape)
        add(&sums, 34, a1.shape, a.shape)
        add(&sums, 35, a.suffix2, t1)
        add(&sums, 36, a.word, b1.ambiguity, t1)
        add(&sums, 37, a.coarse, b1.coarse, b2.coarse)
        add(&sums, 38, a.ambiguity, b1.coarse, b2.coarse)
        add(&sums, 39, a.word, a1.coarse, a2.coarse)
        add(&sums, 40, a.word, b1.coarse, b2.coarse)
        add(&sums, 41, a.suffix3, a1.coarse, b1.coarse)
        add(&sums, 42, a1.word, a2.word)
        return sums
    }

    @inline(__always)
    private func add(_ sums: inout TagSums, _ number: UInt64, _ a: UInt64) {
        sums.add(table, mix(number, a))
    }

    @inline(__always)
    private func add(_ sums: inout TagSums, _ number: UInt64, _ a: UInt64, _ b: UInt64) {
        sums.add(table, mix(mix(number, a), b))
    }

    @inline(__always)
    private func add(_ sums: inout TagSums, _ number: UInt64, _ a: UInt64, _ b: UInt64, _ c: UInt64) {
        sums.add(table, mix(mix(mix(number, a), b), c))
    }
}

/// Scores of 80 classes, each 128 a feature too high: even columns and odd ones apart, as a row has them.
private struct TagSums {
    static let width = 80
    private var even0 = SIMD8<UInt16>(), even1 = SIMD8<UInt16>(), even2 = SIMD8<UInt16>()
    private var even3 = SIMD8<UInt16>(), even4 = SIMD8<UInt16>()
    private var odd0 = SIMD8<UInt16>(), odd1 = SIMD8<UInt16>(), odd2 = SIMD8<UInt16>()
    private var odd3 = SIMD8<UInt16>(), odd4 = SIMD8<UInt16>()

    @inline(__always)
    mutating func add(_ table: RowTable, _ key: UInt64) {
        let first = table.row(key) &* 5
        // Row 0 is what a feature without a row adds; it is the same for every class.
        guard first > 0 else { return }
        let low = SIMD8<UInt16>(repeating: 0x00FF)
        let (r0, r1, r2) = (table.rows[first], table.rows[first + 1], table.rows[first + 2])
        let (r3, r4) = (table.rows[first + 3], table.rows[first + 4])
        even0 &+= r0 & low
        even1 &+= r1 & low
        even2 &+= r2 & low
        even3 &+= r3 & low
        even4 &+= r4 & low
        odd0 &+= r0 &>> 8
        odd1 &+= r1 &>> 8
        odd2 &+= r2 &>> 8
        odd3 &+= r3 &>> 8
        odd4 &+= r4 &>> 8
    }

    /// The class with the highest score; of equal ones the first.
    func best(of count: Int) -> Int {
        var best = 0
        var score: UInt16 = 0
        func consider(_ even: SIMD8<UInt16>, _ odd: SIMD8<UInt16>, _ first: Int) {
            for lane in 0..<8 {
                let column = first + 2 * lane
                if even[lane] > score && column < count { (best, score) = (column, even[lane]) }
                if odd[lane] > score && column + 1 < count { (best, score) = (column + 1, odd[lane]) }
            }
        }
        consider(even0, odd0, 0)
        consider(even1, odd1, 16)
        consider(even2, odd2, 32)
        consider(even3, odd3, 48)
        consider(even4, odd4, 64)
        return best
    }
}
