import Foundation

/// Measures on the core that it is started on (`taskset`) and prints one JSON object, a key for each section.
///
///     bench ESSAYS.jsonl [section…]
///     bench --ids ESSAYS.jsonl         # measures nothing: the token ids of each text, a line of JSON each
///     bench --features ESSAYS.jsonl    # likewise: each text cleaned, and its comparable features by name
///
/// To add a section, write a type that conforms to `Section` in a file of its own and name it in `sections`.
@main
struct Bench {
    private static let sections: [String: any Section.Type] = [
        "feature-sets": FeatureSetsSection.self,
        "features": FeaturesSection.self,
        "tokenizer": TokenizerSection.self,
    ]

    /// What writes results instead of times, for `compare.py` to hold against other libraries'.
    private static let writers: [String: @Sendable (Essays) throws -> Void] = [
        "--features": FeatureSetsSection.writeFeatures,
        "--ids": TokenizerSection.writeIDs,
    ]

    static func main() throws {
        var arguments = CommandLine.arguments.dropFirst()
        let writer = arguments.first.flatMap { writers[$0] }
        if writer != nil { arguments.removeFirst() }
        guard let path = arguments.popFirst() else {
            fail("usage: bench [\(writers.keys.sorted().joined(separator: "|"))] ESSAYS.jsonl [section…]")
        }
        let names = arguments.isEmpty ? sections.keys.sorted() : Array(arguments)
        let chosen = names.map { name in
            guard let section = sections[name] else { fail("no section \(name)") }
            return (name, section)
        }
        let essays = try Essays(path: path)
        if let writer { return try writer(essays) }
        var results: [String: [String: Figure]] = [:]
        for (name, section) in chosen { results[name] = section.measure(essays) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        FileHandle.standardOutput.write(try encoder.encode(results) + Data("\n".utf8))
    }

    private static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data("bench: \(message)\n".utf8))
        exit(64)
    }
}

/// One subject of measurement.
protocol Section: SendableMetatype {
    /// Its figures by name; the name's end is the unit.
    static func measure(_ essays: Essays) -> [String: Figure]
}

/// A number, a name, numbers by name, or a table's rows.
enum Figure: Encodable {
    case number(Double)
    case text(String)
    case table([String: Double])
    case rows([[String: Figure]])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .table(let table): try container.encode(table)
        case .rows(let rows): try container.encode(rows)
        }
    }
}
