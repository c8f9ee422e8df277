/// Lemmas by edit scripts: the longest ending of a word that the table knows for its tag says what to do. Training's
/// `lemmas`.
struct Lemmatizer: Sendable {
    private let index = HashIndex(ModelFile.numbers(.lemmaKeys, as: UInt64.self))
    private let values = ModelFile.numbers(.lemmaValues, as: UInt16.self)
    /// Four a script: 1 where all letters become small, bytes to cut, where in the pool the ending to append begins, and
    /// its length.
    private let scripts = ModelFile.numbers(.lemmaScripts, as: UInt16.self)
    private let pool = ModelFile.numbers(.lemmaPool, as: UInt8.self)

    private static let longestEnding = 6
    private static let whole: UInt8 = 0x9D

    /// The number of the script for a token.
    func script(_ bytes: [UInt8], _ range: Range<Int>, tag: UInt8) -> UInt16 {
        var exact = WordHash()
        var small = WordHash()
        exact.add(tag)
        small.add(tag)
        exact.add(Self.whole)
        small.add(Self.whole)
        exact.add(1)
        let isGiant = range.count > 2 * TokenAtoms.longest
        let head = isGiant ? range.lowerBound..<range.lowerBound + TokenAtoms.longest : range
        let tail = isGiant ? range.upperBound - TokenAtoms.longest : range.upperBound
        func add(_ part: Range<Int>) {
            for byte in bytes[part] {
                exact.add(byte)
                small.add(byte.lowercased)
            }
        }
        add(head)
        add(tail..<range.upperBound)
        if let slot = index.slot(exact.value) ?? index.slot(small.value) { return values[slot] }
        var script: UInt16 = 0
        var ending = WordHash()
        ending.add(tag)
        if let slot = index.slot(ending.value) { script = values[slot] }
        for length in 0..<min(Self.longestEnding, range.count) {
            ending.add(bytes[range.upperBound - 1 - length].lowercased)
            if let slot = index.slot(ending.value) { script = values[slot] }
        }
        return script
    }

    /// Hands the lemma's bytes to `body`, in order.
    @inline(__always)
    func forEachByte(_ script: UInt16, _ bytes: [UInt8], _ range: Range<Int>, _ body: (UInt8) -> Void) {
        let first = 4 * Int(script)
        let isSmall = scripts[first] == 1
        let cut = Int(scripts[first + 1])
        let fits = cut <= range.count
        for byte in bytes[range.lowerBound..<range.upperBound - (fits ? cut : 0)] {
            body(isSmall ? byte.lowercased : byte)
        }
        guard fits else { return }
        let start = Int(scripts[first + 2])
        for byte in pool[start..<start + Int(scripts[first + 3])] { body(byte) }
    }
}
