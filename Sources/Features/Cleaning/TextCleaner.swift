/// Turns a text as posted into the text that the models and the features read.
///
/// Five stages, each one pass over UTF-8 bytes, each with its own way back:
///
/// 1. `CharacterStage`: characters by themselves. Line ends become `\n`, Unicode spaces become spaces, controls and
///    characters without width go, full-width and styled letters and ligatures are folded.
/// 2. `MarkupStage`: Markdown and HTML become plain text.
/// 3. `HomoglyphStage`: letters of other scripts that stand for Latin ones.
/// 4. `PlaceholderStage`: anonymisation placeholders, and runs of combining marks.
/// 5. `LayoutStage`: white space, and the prompt's prefix at the start.
///
/// What is *not* done: no Unicode normalisation (a decomposed accent stays one; BERT's tokenizer strips it either way),
/// no lower-casing, no lemmas, no removal of punctuation, no change of quotation marks.
///
/// Time and memory are linear in the length of the text, whatever it holds.
public enum TextCleaner {
    /// Version of the rules. Models are trained on text cleaned by one version, so a change of what comes out is a
    /// change of this number.
    public static let version = 1

    /// Combining marks that a base character may carry. Vietnamese needs two and Biblical Hebrew four; more than eight
    /// is decoration, and makes algorithms that reorder marks quadratic.
    public static let maximumMarks = 8

    public static func clean(_ text: String) -> CleanText {
        var hygiene = Hygiene()
        let original = Array(text.utf8)
        var maps: [OffsetMap] = []
        var bytes = original
        let stages: [([UInt8], inout Hygiene) -> MappedText] = [
            CharacterStage.run, MarkupStage.run, HomoglyphStage.run, PlaceholderStage.run, LayoutStage.run,
        ]
        for stage in stages {
            let result = stage(bytes, &hygiene)
            bytes = result.bytes
            maps.append(result.map)
        }
        return CleanText(bytes: bytes, hygiene: hygiene, originalCount: original.count, maps: maps)
    }
}
