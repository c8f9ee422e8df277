/// The parser's weights and the sums over them. Numbers are whole, and every sum stays below 2^24, where float arithmetic
/// is exact in any order: training's `network` decides alike.
struct ParserNetwork: Sendable {
    static let units = 160
    private static let shift: UInt16 = 3
    private static let most = SIMD8<UInt16>(repeating: 511)
    private static let labelWidth = 48

    /// Bytes around 128, two half rows a row, so that a half row's sums fit into registers.
    private let table: [HalfRow]
    /// Of each transition, over the hidden units.
    private let transitions: [SIMD8<Float>]
    private let transitionBiases: SIMD4<Float>
    /// Of the labels of LEFT and of RIGHT: a row a hidden unit.
    private let leftLabels: [LabelRow], rightLabels: [LabelRow]
    private let leftBiases: LabelRow, rightBiases: LabelRow
    private let labelCount: Int

    /// Eighty bytes, two a number: the first in its low half.
    private struct HalfRow {
        var a: SIMD8<UInt16>, b: SIMD8<UInt16>, c: SIMD8<UInt16>, d: SIMD8<UInt16>, e: SIMD8<UInt16>

        static let zero = HalfRow(a: .zero, b: .zero, c: .zero, d: .zero, e: .zero)
    }

    /// A number for each of 48 labels.
    private struct LabelRow {
        var a: SIMD8<Float>, b: SIMD8<Float>, c: SIMD8<Float>, d: SIMD8<Float>, e: SIMD8<Float>, f: SIMD8<Float>

        init(_ value: (Int) -> Float) {
            func part(_ start: Int) -> SIMD8<Float> { SIMD8((start..<start + 8).map(value)) }
            (a, b, c, d, e, f) = (part(0), part(8), part(16), part(24), part(32), part(40))
        }

        @inline(__always)
        mutating func add(_ row: LabelRow, times factor: Float) {
            a += row.a * factor
            b += row.b * factor
            c += row.c * factor
            d += row.d * factor
            e += row.e * factor
            f += row.f * factor
        }
    }

    /// A state's hidden layer: of each sixteen units those of even number, then those of odd.
    struct Hidden {
        fileprivate var values = [SIMD8<Float>](repeating: .zero, count: ParserNetwork.units / 8)
    }

    init(rowCount: Int, labelCount: Int) {
        let bytes = ModelFile.numbers(.parserRows, as: UInt16.self)
        let weights = ModelFile.numbers(.parserWeights, as: Int8.self)
        let biases = ModelFile.numbers(.parserBiases, as: Int32.self)
        let columns = 4 + 2 * labelCount
        precondition(
            bytes.count == rowCount * Self.units / 2 && weights.count == Self.units * columns
                && biases.count == columns && labelCount <= Self.labelWidth,
            "syntax.bin is not of this version: run training/train_syntax.py")
        table = stride(from: 0, to: bytes.count, by: 40).map { start in
            func part(_ number: Int) -> SIMD8<UInt16> { SIMD8(bytes[start + 8 * number..<start + 8 * number + 8]) }
            return HalfRow(a: part(0), b: part(1), c: part(2), d: part(3), e: part(4))
        }
        self.labelCount = labelCount

        /// The weight from the hidden unit at a place of `Hidden`.
        func weight(_ place: Int, _ column: Int) -> Float {
            let (lane, within) = (place / 16, place % 16)
            let unit = 16 * lane + (within < 8 ? 2 * within : 2 * (within - 8) + 1)
            return Float(weights[unit * columns + column])
        }
        transitions = (0..<4).flatMap { column in
            stride(from: 0, to: Self.units, by: 8).map { start in
                SIMD8((start..<start + 8).map { weight($0, column) })
            }
        }
        transitionBiases = SIMD4((0..<4).map { Float(biases[$0]) })
        func labelRows(_ first: Int) -> [LabelRow] {
            (0..<Self.units).map { place in LabelRow { $0 < labelCount ? weight(place, first + $0) : 0 } }
        }
        leftLabels = labelRows(4)
        rightLabels = labelRows(4 + labelCount)
        leftBiases = LabelRow { $0 < labelCount ? Float(biases[4 + $0]) : 0 }
        rightBiases = LabelRow { $0 < labelCount ? Float(biases[4 + labelCount + $0]) : 0 }
    }

    /// The sum of some rows, cut to 0 … 511 eighths.
    func computeHidden(_ rows: [Int32], _ hidden: inout Hidden) {
        // Bytes are 128 too high; a row has one of each unit.
        let surplus = SIMD8<UInt16>(repeating: UInt16(truncatingIfNeeded: 128 * rows.count))
        for half in 0..<2 {
            // Sums of both bytes, the second's 256 times, modulo 65,536; and of the second alone.
            var both = HalfRow.zero
            var second = HalfRow.zero
            for row in rows {
                let bytes = table[2 &* Int(row) &+ half]
                both.a &+= bytes.a
                both.b &+= bytes.b
                both.c &+= bytes.c
                both.d &+= bytes.d
                both.e &+= bytes.e
                second.a &+= bytes.a &>> 8
                second.b &+= bytes.b &>> 8
                second.c &+= bytes.c &>> 8
                second.d &+= bytes.d &>> 8
                second.e &+= bytes.e &>> 8
            }
            var place = 10 * half
            func store(_ both: SIMD8<UInt16>, _ second: SIMD8<UInt16>) {
                hidden.values[place] = Self.activated(both &- (second &<< 8), surplus)
                hidden.values[place + 1] = Self.activated(second, surplus)
                place += 2
            }
            store(both.a, second.a)
            store(both.b, second.b)
            store(both.c, second.c)
            store(both.d, second.d)
            store(both.e, second.e)
        }
    }

    @inline(__always)
    private static func activated(_ sum: SIMD8<UInt16>, _ surplus: SIMD8<UInt16>) -> SIMD8<Float> {
        let positive = sum.replacing(with: surplus, where: sum .< surplus) &- surplus
        let cut = positive &>> shift
        return SIMD8<Float>(cut.replacing(with: most, where: cut .> most))
    }

    /// Of SHIFT, RIGHT, LEFT and REDUCE.
    func transitionScores(_ hidden: Hidden) -> SIMD4<Float> {
        var scores = transitionBiases
        let count = Self.units / 8
        for transition in 0..<4 {
            var sum = SIMD8<Float>()
            for place in 0..<count { sum += hidden.values[place] * transitions[transition &* count &+ place] }
            scores[transition] += sum.sum()
        }
        return scores
    }

    /// The label with the highest score from 2 on (0 is none, 1 the root's); of equal ones the first.
    func bestLabel(_ hidden: Hidden, ofLeftArc isLeft: Bool) -> Int {
        isLeft ? best(hidden, leftLabels, leftBiases) : best(hidden, rightLabels, rightBiases)
    }

    @inline(__always)
    private func best(_ hidden: Hidden, _ rows: [LabelRow], _ biases: LabelRow) -> Int {
        var sums = biases
        for vector in 0..<Self.units / 8 {
            let values = hidden.values[vector]
            // About half of the units are silent.
            for lane in 0..<8 where values[lane] != 0 { sums.add(rows[8 &* vector &+ lane], times: values[lane]) }
        }
        var best = 2
        var score = -Float.infinity
        func consider(_ scores: SIMD8<Float>, _ first: Int) {
            for lane in 0..<8 where scores[lane] > score && first + lane >= 2 && first + lane < labelCount {
                (best, score) = (first + lane, scores[lane])
            }
        }
        consider(sums.a, 0)
        consider(sums.b, 8)
        consider(sums.c, 16)
        consider(sums.d, 24)
        consider(sums.e, 32)
        consider(sums.f, 40)
        return best
    }
}
