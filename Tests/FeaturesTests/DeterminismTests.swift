import Testing

@testable import Features

@Suite("Features on many threads")
struct DeterminismTests {
    private static let texts = [
        String(
            repeating: "Learning a language “takes” time, naïve as it seems. We don't know — 5.5 times! ", count: 20),
        "", "...", "One.", "# Title\n\n- an item\n- another\n\nThen **prose** goes on; it ends here (or not)?",
        String(repeating: "teh wrold is ful of erors and i luv it ", count: 30),
        String(repeating: "東京は大きい。Ωμέγα и другие. ", count: 30),
    ]

    @Test("Eight threads that share one extractor get the same bits, in any order")
    func sharedExtractor() async {
        let expected = Self.texts.map(Self.bits)
        await withTaskGroup(of: Bool.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    for round in 0..<40 {
                        let index = (thread + round) % Self.texts.count
                        if Self.bits(Self.texts[index]) != expected[index] { return false }
                    }
                    return true
                }
            }
            for await isSame in group { #expect(isSame) }
        }
    }

    private static func bits(_ text: String) -> [UInt64] {
        FeatureExtractor.lexical(Document(TextCleaner.clean(text))).values.map(\.bitPattern)
    }
}
