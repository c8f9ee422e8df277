/// Where each block of rows begins in the parser's table. Training's `network.Layout`.
///
/// A state shows nodes, labels of nodes and small numbers; each place has rows of its own. See training/syntax/arc_eager.py
/// for what the places are.
struct ParserLayout: Sendable {
    /// Nodes whose words are shown, too, come first.
    static let wordPlaces = 10, nodePlaces = 18, labelPlaces = 10
    /// How many values each number has.
    static let numberSizes = [8, 16, 4, 10, 8, 4]
    static let noneRow: Int32 = 0, rootRow: Int32 = 1
    private static let suffixes = 1024

    /// Rows of one place for words: none, root, the known words, endings of unknown words, word classes.
    let wordRowCount: Int
    let tagRowCount: Int
    let labelCount: Int
    let tagStart: Int, labelStart: Int, numberStarts: [Int]
    let rowCount: Int
    private let suffixStart: Int
    private let classStart: Int

    init(words: Int, classes: Int, tags: Int, labels: Int) {
        suffixStart = 2 + words
        // There is no class 0.
        classStart = suffixStart + Self.suffixes - 1
        wordRowCount = suffixStart + Self.suffixes + classes
        tagRowCount = tags + 2
        labelCount = labels
        tagStart = Self.wordPlaces * wordRowCount
        labelStart = tagStart + Self.nodePlaces * tagRowCount
        var start = labelStart + Self.labelPlaces * labels
        var starts: [Int] = []
        for size in Self.numberSizes {
            starts.append(start)
            start += size
        }
        numberStarts = starts
        rowCount = start
    }

    /// A token's row among a place's rows for words, and a second one or -1.
    func wordRows(_ token: TokenAtoms) -> (Int32, Int32) {
        if token.parserWord > 0 { return (Int32(token.parserWord) + 1, -1) }
        let kind = (token.shape & 8 != 0 ? 1 : 0) + (token.shape & 16 != 0 ? 2 : 0) + (token.shape & 256 != 0 ? 4 : 0)
        let ending = token.suffix3 != 0 ? token.suffix3 : token.suffix2
        let mixed = Int(truncatingIfNeeded: (ending &* 0x9E37_79B9_7F4A_7C15) >> 54)
        let suffix = suffixStart + (mixed + kind * 131) % Self.suffixes
        return (Int32(suffix), token.fine > 0 ? Int32(classStart + Int(token.fine)) : -1)
    }
}
