/// How evenly sentences and paragraphs run, and what is left of Markdown.
enum Structure: LexicalFamily {
    struct Measures {
        var sentences: Spread
        var paragraphs: Spread
        var markdownMarks: Int
        var words: Int
    }

    /// Mean and standard deviation (of the population) of lengths in words. Pieces without words are left out.
    struct Spread {
        private(set) var count = 0
        private var sum = 0
        private var squares = 0.0

        mutating func add(_ length: Int) {
            guard length > 0 else { return }
            count += 1
            sum += length
            squares += Double(length) * Double(length)
        }

        var mean: Double { ratio(sum, count) }

        private var deviation: Double {
            count == 0 ? 0 : max(0, squares / Double(count) - mean * mean).squareRoot()
        }

        /// Coefficient of variation; 0 without pieces.
        var variation: Double { count == 0 ? 0 : deviation / mean }

        /// Goh and Barabási's burstiness, -1...1; 0 for fewer than two pieces.
        var burstiness: Double { count < 2 ? 0 : (deviation - mean) / (deviation + mean) }
    }

    private static let family = "structure"

    static let features: [Feature<Measures>] = [
        Feature(
            definition: FeatureDefinition(
                name: "sentence_length_variation", family: family, unit: "coefficient of variation",
                definition: """
                    Standard deviation (of the population) of the sentences' lengths in words over their mean. People vary \
                    more. 0 for fewer than two sentences with words.
                    """,
                formula: "std(words a sentence) / mean(words a sentence)", source: "Pearson 1896"),
            value: { $0.sentences.variation }),
        Feature(
            definition: FeatureDefinition(
                name: "sentence_burstiness", family: family, unit: "-1 even, 0 random, 1 bursty",
                definition: """
                    Burstiness of the sentences' lengths in words: the variation above, on a scale that ends. 0 for fewer \
                    than two sentences with words, -1 for sentences of equal length.
                    """,
                formula: "(std - mean) / (std + mean)", source: "Goh & Barabási 2008"),
            value: { $0.sentences.burstiness }),
        Feature(
            definition: FeatureDefinition(
                name: "num_paragraphs", family: family, unit: "paragraphs",
                definition: "Paragraphs with words: parts of the text between blank lines, headings, items of lists.",
                formula: "", source: "own; segmentation by Document"),
            value: { Double($0.paragraphs.count) }),
        Feature(
            definition: FeatureDefinition(
                name: "average_paragraph_length", family: family, unit: "words",
                definition: "Mean length of a paragraph in words. 0 for a text without words.",
                formula: "words / paragraphs", source: "own"),
            value: { $0.paragraphs.mean }),
        Feature(
            definition: FeatureDefinition(
                name: "paragraph_length_variation", family: family, unit: "coefficient of variation",
                definition: """
                    Standard deviation (of the population) of the paragraphs' lengths in words over their mean. 0 for fewer \
                    than two paragraphs with words.
                    """,
                formula: "std(words a paragraph) / mean(words a paragraph)", source: "own"),
            value: { $0.paragraphs.variation }),
        Feature(
            definition: FeatureDefinition(
                name: "markdown_rate", family: family, unit: "per 100 words",
                definition: """
                    Marks of Markdown that cleaning removed (headings, emphasis, lists, code, links, tables), per 100 words. 0 \
                    for a text without words.
                    """,
                formula: "100 * marks / words", source: "own; the cleaner's findings"),
            value: { 100 * ratio($0.markdownMarks, $0.words) }),
    ]

    static func measure(_ document: Document) -> Measures {
        var measures = Measures(
            sentences: Spread(), paragraphs: Spread(), markdownMarks: document.clean.hygiene[.markdownMarks],
            words: document.words.count)
        for range in document.sentenceWords { measures.sentences.add(range.count) }
        // Sentences never reach over a paragraph's end.
        var (sentence, words) = (0, 0)
        for paragraph in document.paragraphs {
            while sentence < document.sentences.count, document.sentences[sentence].lowerBound < paragraph.upperBound {
                words += document.sentenceWords[sentence].count
                sentence += 1
            }
            measures.paragraphs.add(words)
            words = 0
        }
        return measures
    }
}
