/// The schema in words, as Markdown: for docs/features.md.
///
/// The file is written by `make feature-docs`, and a test fails where it differs from this.
public enum FeatureDocumentation {
    /// Every feature of a schema with unit, definition, formula and source, a table a family.
    ///
    /// What a family's features have in common is said once, above its table.
    public static func reference(_ schema: FeatureSchema) -> String {
        let version =
            "\(schema.count) features, version \(FeatureSchema.version) of the definitions, in the order of the schema."
        return families(schema).reduce(into: version + "\n") { text, family in
            text += "\n### \(capitalized(family.name)) (\(family.features.count))\n\n"
            let columns = Self.columns.map { column in (column, values: family.features.map(column.value)) }
            let shared = columns.filter { family.features.count > 1 && Set($0.values).count == 1 && $0.values[0] != "" }
            let listed = columns.filter { column in
                !shared.contains { $0.0.title == column.0.title } && column.values.contains { $0 != "" }
            }
            if !shared.isEmpty {
                text += shared.map { "\(capitalized($0.0.title)): \($0.values[0])." }.joined(separator: " ") + "\n\n"
            }
            text += row(["feature"] + listed.map(\.0.title)) + row(["---"] + listed.map { _ in "---" })
            for index in family.features.indices {
                text += row(["`\(family.features[index].name)`"] + listed.map { cell($0.values[index]) })
            }
        }
    }

    private struct Column {
        let title: String
        let value: (FeatureDefinition) -> String
    }

    private static var columns: [Column] {
        [
            Column(title: "unit", value: \.unit), Column(title: "definition", value: \.definition),
            Column(title: "formula", value: { $0.formula.isEmpty ? "" : "`\($0.formula)`" }),
            Column(title: "source", value: \.source),
        ]
    }

    /// Features by family, in the order of the schema.
    private static func families(_ schema: FeatureSchema) -> [(name: String, features: [FeatureDefinition])] {
        schema.definitions.reduce(into: []) { families, feature in
            if let index = families.firstIndex(where: { $0.name == feature.family }) {
                families[index].features.append(feature)
            } else {
                families.append((feature.family, [feature]))
            }
        }
    }

    private static func row(_ cells: [String]) -> String {
        "| " + cells.joined(separator: " | ") + " |\n"
    }

    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }

    private static func capitalized(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }
}
