import WordPiece

/// `gateway tokenize`'s core: UTF-8 to ids and byte offsets.
enum TokenizerSection: Section {
    /// Passes over all essays. The best of 30 moved by 2 % from run to run, that of 10 by 6 %.
    private static let rounds = 30

    /// What could cost more than prose: a megabyte of each.
    private static let degenerate: [(name: String, unit: String)] = [
        ("no space", "a,b;c"),
        ("one giant word", "a"),
        ("one giant word, accented", "é"),
        ("words of 100 letters that no piece spells quickly", String(repeating: "internatio", count: 10) + " "),
        ("combining marks alone", "\u{301}\u{323}"),
        ("combining marks that stay, out of order", "\u{302E}\u{1BF2}\u{1D165}"),
        ("Chinese", "和漢字"),
        ("Korean", "한국어 "),
        ("Russian", "Съешь ещё этих мягких французских булок "),
        ("French", "Les élèves étudiaient à l’école près du château. "),
        ("curly quotes and dashes", "“Don’t,” she said — “it’s a naïve idea.” "),
        ("brackets", "["),
        ("special tokens", "[SEP]"),
        ("controls", "\u{1}"),
        ("spaces", " "),
    ]

    static func measure(_ essays: Essays) -> [String: Figure] {
        // First, because the first use builds the tables.
        let startUp = seconds { keep(Tokenizer.bertBaseUncased) }
        let tokenizer = Tokenizer.bertBaseUncased
        let bytes = Double(essays.byteCount)
        var tokens = 0
        let pass = Measurement(rounds: rounds) {
            tokens = 0
            for text in essays.texts { tokens += tokenizer.encode(text).count }
        }
        let essay = Cost(of: essays.texts) { tokenizer.encode($0) }

        func nanosecondsPerByte(_ text: String) -> Double {
            Measurement(rounds: 9) { keep(tokenizer.encode(text)) }.best * 1e9 / Double(text.utf8.count)
        }
        let prose = nanosecondsPerByte(essays.prose())
        let costs = degenerate.map { ($0.name, nanosecondsPerByte(Essays.text(of: $0.unit))) }
        return [
            "rounds": .number(Double(rounds)),
            "essays": .number(Double(essays.texts.count)),
            "bytes": .number(bytes),
            "tokens": .number(Double(tokens)),
            "start_up_ms": .number(startUp * 1e3),
            "best_mb_per_s": .number(bytes / pass.best / 1e6),
            "median_mb_per_s": .number(bytes / pass.median / 1e6),
            "essay_p50_us": .number(essay.times.median * 1e6),
            "essay_p99_us": .number(essay.times.percentile(99) * 1e6),
            "mallocs_per_essay": .number(essay.mallocs),
            "prose_1mb_ns_per_byte": .number(prose),
            "degenerate_ns_per_byte": .table(Dictionary(uniqueKeysWithValues: costs)),
            "degenerate_relative_to_prose": .table(Dictionary(uniqueKeysWithValues: costs.map { ($0, $1 / prose) })),
        ]
    }

    /// The ids of each text, a JSON array a line: what is measured is compared with the oracle.
    static func writeIDs(_ essays: Essays) {
        for text in essays.texts {
            print("[\(Tokenizer.bertBaseUncased.encode(text).ids.map(String.init).joined(separator: ","))]")
        }
    }
}
