import Foundation
import Yams

/// JSON whose fields stay in the order in which they were written, as a document for people needs it.
enum OrderedJSON: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int)
    /// Finite.
    case number(Double)
    case string(String)
    case array([OrderedJSON])
    case object([Member])

    struct Member: Sendable, Equatable {
        var name: String
        var value: OrderedJSON
    }

    /// The members of an object; none of anything else.
    var members: [Member] {
        if case .object(let members) = self { members } else { [] }
    }

    /// The items of an array; none of anything else.
    var items: [OrderedJSON] {
        if case .array(let items) = self { items } else { [] }
    }

    /// The text of a string; nil of anything else.
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The first member of this name; nil where there is none.
    subscript(name: String) -> OrderedJSON? {
        members.first { $0.name == name }?.value
    }

    /// An object, without the members that are nil.
    static func compact(_ members: KeyValuePairs<String, OrderedJSON?>) -> OrderedJSON {
        .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
    }
}

extension OrderedJSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(booleanLiteral value: Bool) { self = .boolean(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(floatLiteral value: Double) { self = .number(value) }
    init(arrayLiteral elements: OrderedJSON...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, OrderedJSON)...) {
        self = .object(elements.map { Member(name: $0, value: $1) })
    }
}

/// For replies that hold some: their encoder may sort the fields.
extension OrderedJSON: Encodable {
    private struct FieldName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .object(let members):
            var container = encoder.container(keyedBy: FieldName.self)
            for member in members { try container.encode(member.value, forKey: FieldName(stringValue: member.name)) }
        case .array(let items):
            var container = encoder.unkeyedContainer()
            for item in items { try container.encode(item) }
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .boolean(let value): try value.encode(to: encoder)
        case .integer(let value): try value.encode(to: encoder)
        case .number(let value): try value.encode(to: encoder)
        case .string(let value): try value.encode(to: encoder)
        }
    }
}

// MARK: - As text

extension OrderedJSON {
    /// With an indentation of two spaces and no line break at the end.
    var json: String {
        var text = ""
        write(to: &text, indentation: 0)
        return text
    }

    private func write(to text: inout String, indentation: Int) {
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += "\(value)"
        case .string(let value): Self.write(value, to: &text)
        case .array(let items):
            Self.writeLines(of: items, between: "[", "]", to: &text, indentation) { item, text in
                item.write(to: &text, indentation: indentation + 1)
            }
        case .object(let members):
            Self.writeLines(of: members, between: "{", "}", to: &text, indentation) { member, text in
                Self.write(member.name, to: &text)
                text += ": "
                member.value.write(to: &text, indentation: indentation + 1)
            }
        }
    }

    private static func writeLines<Item>(
        of items: [Item], between open: String, _ close: String, to text: inout String, _ indentation: Int,
        _ write: (Item, inout String) -> Void
    ) {
        text += open
        for (index, item) in items.enumerated() {
            text += (index == 0 ? "\n" : ",\n") + String(repeating: "  ", count: indentation + 1)
            write(item, &text)
        }
        if !items.isEmpty { text += "\n" + String(repeating: "  ", count: indentation) }
        text += close
    }

    private static func write(_ value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\u{0}"..<" ": text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// The same as YAML in block style.
    func yaml() throws -> String {
        try Yams.serialize(node: node, width: 120, allowUnicode: true)
    }

    /// Strings that YAML would take for something else are quoted by Yams' `represented()`.
    private var node: Node {
        switch self {
        case .null: Node("null", Tag(.null))
        case .boolean(let value): .scalar(value.represented())
        case .integer(let value): .scalar(value.represented())
        case .number(let value): Node("\(value)", Tag(.float))
        case .string(let value): .scalar(value.represented())
        case .array(let items): Node(items.map(\.node), .implicit, items.isEmpty ? .flow : .block)
        case .object(let members):
            Node(
                members.map { (.scalar($0.name.represented()), $0.value.node) }, .implicit,
                members.isEmpty ? .flow : .block)
        }
    }
}
