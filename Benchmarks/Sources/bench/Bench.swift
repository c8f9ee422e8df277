import Foundation

/// Measures on the core that it is started on (`taskset`) and prints one JSON object, a key for each section.
///
///     bench ESSAYS.jsonl [section…]
///     bench --ids ESSAYS.jsonl       # measures nothing: the token ids of each text, a line of JSON each
///
/// To add a section, write a type that conforms to `Section` in a file of its own and name it in `sections`.
@main
struct Bench {
    static var sections: [String: any Section.Type] {
        ["tokenizer": TokenizerSection.self]
    }

    static func main() throws {
        var arguments = CommandLine.arguments.dropFirst()
        let writesIDs = arguments.first == "--ids"
        if writesIDs { arguments.removeFirst() }
        guard let path = arguments.first else {
            FileHandle.standardError.write(Data("usage: bench [--ids] ESSAYS.jsonl [section…]\n".utf8))
            exit(64)
        }
        if writesIDs { return TokenizerSection.writeIDs(try Essays(path: path)) }
        var names = Array(arguments.dropFirst())
        if names.isEmpty { names = sections.keys.sorted() }
        let essays = try Essays(path: path)
        var results: [String: [String: Figure]] = [:]
        for name in names {
            guard let section = sections[name] else {
                FileHandle.standardError.write(Data("bench: no section \(name)\n".utf8))
                exit(64)
            }
            results[name] = section.measure(essays)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        FileHandle.standardOutput.write(try encoder.encode(results) + Data("\n".utf8))
    }
}

/// One subject of measurement.
protocol Section {
    /// Its figures by name; the name's end is the unit.
    static func measure(_ essays: Essays) -> [String: Figure]
}

/// A number, or numbers by name.
enum Figure: Encodable {
    case number(Double)
    case table([String: Double])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .table(let table): try container.encode(table)
        }
    }
}

/// The texts of a file of JSON lines.
struct Essays {
    let texts: [String]
    /// Bytes of UTF-8 of all together.
    let byteCount: Int

    private struct Line: Decodable { var text: String }

    init(path: String) throws {
        let decoder = JSONDecoder()
        texts = try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n")).map {
            var text = try decoder.decode(Line.self, from: $0).text
            text.makeContiguousUTF8()
            return text
        }
        byteCount = texts.reduce(0) { $0 + $1.utf8.count }
    }
}
