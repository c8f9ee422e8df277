/// How often each mark is used.
enum Punctuation: LexicalFamily {
    struct Measures {
        var tokens: Int
        var marks = 0
        var commas = 0
        var semicolons = 0
        var colons = 0
        var dashes = 0
        var exclamations = 0
        var questions = 0
        var quotes = 0
        var parentheses = 0
    }

    static let features: [Feature<Measures>] = [
        rate(
            "punctuation", "Tokens that are marks of any kind (full stops included, symbols such as `%` not)", \.marks),
        rate("comma", "Commas", \.commas),
        rate("semicolon", "Semicolons", \.semicolons),
        rate("colon", "Colons", \.colons),
        rate("dash", "Dashes: en and em dashes, and hyphens that stand by themselves or double", \.dashes),
        rate("exclamation", "Exclamation marks, a run of them being one", \.exclamations),
        rate("question", "Question marks, a run of them being one", \.questions),
        rate(
            "quote",
            "Double quotation marks, straight and curly, and guillemets (single ones cannot be told from apostrophes)",
            \.quotes),
        rate("parenthesis", "Opening parentheses, square and curly brackets", \.parentheses),
    ]

    private static func rate(
        _ name: String, _ what: String, _ count: @escaping @Sendable (Measures) -> Int
    ) -> Feature<Measures> {
        Feature(
            definition: FeatureDefinition(
                name: "\(name)_rate", family: "punctuation", unit: "per 100 tokens",
                definition: "\(what), per 100 tokens. 0 for a text without tokens.",
                formula: "100 * count / tokens", source: "own; tokens by Document"),
            value: { 100 * ratio(count($0), $0.tokens) })
    }

    static func measure(_ document: Document) -> Measures {
        let tokens = document.tokens
        var measures = Measures(tokens: tokens.count)
        for index in 0..<tokens.count {
            switch tokens.kinds[index] {
            case .word, .number, .abbreviation, .address, .symbol: continue
            case .terminator:
                switch document.clean.bytes[tokens.starts[index]] {
                case UInt8(ascii: "!"): measures.exclamations += 1
                case UInt8(ascii: "?"): measures.questions += 1
                default: break
                }
            case .ellipsis, .apostrophe, .closingBracket: break
            case .openingBracket: measures.parentheses += 1
            case .straightQuote, .openingQuote, .closingQuote: measures.quotes += 1
            case .punctuation: add(document.clean.bytes[tokens[index]], to: &measures)
            }
            measures.marks += 1
        }
        return measures
    }

    private static func add(_ mark: ArraySlice<UInt8>, to measures: inout Measures) {
        switch mark[mark.startIndex] {
        case UInt8(ascii: ","): measures.commas += 1
        case UInt8(ascii: ";"): measures.semicolons += 1
        case UInt8(ascii: ":"): measures.colons += 1
        case UInt8(ascii: "-"): measures.dashes += 1
        // U+2012 to U+2015.
        case 0xE2 where mark.count == 3 && mark[mark.startIndex + 1] == 0x80 && (0x92...0x95).contains(mark.last ?? 0):
            measures.dashes += 1
        default: break
        }
    }
}
