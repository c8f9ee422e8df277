import Features

/// What the features of a text cost, stage by stage, and whether that is linear in the text's length.
enum FeaturesSection: Section {
    /// Words of the essays that the goals are for.
    private static let words = 350

    /// What could cost more than prose: a megabyte of each.
    private static let degenerate: [(name: String, unit: String)] = [
        ("no space", "a,b;c"),
        ("one giant word", "a"),
        ("one sentence", "word and "),
        ("sentences of two words", "It is. "),
        ("emphasis that does not close", "**a "),
        ("tags that do not close", "<a "),
    ]

    static func measure(_ essays: Essays) -> [String: Figure] {
        // First, because the first use decodes the tables.
        let startUp = seconds { FeatureExtractor.prepare() }
        let cut = essays.cut(words: words)
        let prose = [
            ("prose", essays.prose()), ("prose, a tenth of that", essays.prose(bytes: Essays.megabyte / 10)),
        ]
        let texts = prose + degenerate.map { ($0.name, Essays.text(of: $0.unit)) }
        return [
            "essays": .number(Double(essays.texts.count)),
            "bytes": .number(Double(essays.byteCount)),
            "start_up_ms": .number(startUp * 1e3),
            "stages": .rows(stages(essays.texts)),
            "cut_words": .number(Double(words)),
            "cut_essays": .number(Double(cut.count)),
            "cut_stages": .rows(stages(cut)),
            "linearity": .rows(texts.map { linearity($0, $1) }),
        ]
    }

    /// The stages by themselves, each with what the stages before it made, then the sets of features as a whole.
    private static func stages(_ texts: [String]) -> [[String: Figure]] {
        let clean = texts.map(TextCleaner.clean)
        let documents = clean.map { Document($0) }
        let analyzed = documents.map { AnalyzedText($0, syntax: SyntaxAnalyzer.shared.analyze($0)) }
        let first = [
            row("clean", "stage", Cost(of: texts, TextCleaner.clean)),
            row("document", "stage", Cost(of: clean) { Document($0) }),
            row("syntax analysis", "stage", Cost(of: documents, SyntaxAnalyzer.shared.analyze)),
        ]
        // One array for all, as it is where all families are computed.
        var values: [Double] = []
        let families = FeatureExtractor.families.map { family in
            row(
                family.name, family.needsSyntax ? "family, given the syntax" : "family",
                Cost(of: analyzed) { text in
                    values.removeAll(keepingCapacity: true)
                    family.append(text, to: &values)
                })
        }
        return first + families + FeatureSet.allCases.map { row($0.rawValue, "set", Cost(of: texts, $0.extraction)) }
    }

    private static func row(_ name: String, _ kind: String, _ cost: Cost) -> [String: Figure] {
        [
            "name": .text(name),
            "kind": .text(kind),
            "p50_us": .number(cost.times.median * 1e6),
            "p99_us": .number(cost.times.percentile(99) * 1e6),
            "mallocs": .number(cost.mallocs),
        ]
    }

    private static func linearity(_ name: String, _ text: String) -> [String: Figure] {
        func nanoseconds<Output>(_ work: () -> Output) -> Double {
            Measurement(rounds: 3) { keep(work()) }.best * 1e9
        }
        let bytes = Double(text.utf8.count)
        let document = Document(TextCleaner.clean(text))
        let tokens = Double(document.tokens.count)
        let (lexical, everything) = (FeatureSet.lexical.extraction, FeatureSet.everything.extraction)
        return [
            "name": .text(name),
            "tokens": .number(tokens),
            "lexical_ns_per_byte": .number(nanoseconds { lexical(text) } / bytes),
            "everything_ns_per_byte": .number(nanoseconds { everything(text) } / bytes),
            "syntax_ns_per_token": .number(nanoseconds { SyntaxAnalyzer.shared.analyze(document) } / max(tokens, 1)),
        ]
    }
}
