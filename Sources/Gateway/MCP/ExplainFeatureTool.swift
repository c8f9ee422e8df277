import Features

/// `explain_feature`: what a feature of the explanation measures, and what is usual.
struct ExplainFeatureTool: EssayTool {
    let references: [String: Reference]

    func call(_ arguments: RPCObject, _ context: GatewayContext) async throws -> ToolReply {
        let (fields, unknownCount) = try arguments.fields(["name", "value"])
        guard unknownCount == 0 else {
            throw GatewayError(.unknownField, "explain_feature takes \"name\" and \"value\" and no other argument")
        }
        guard case .string(let name) = fields["name"] else {
            throw GatewayError(.invalidArgument, "\"name\" must be the name of a feature, as the explanation has it")
        }
        let value: Double?
        switch fields["value"] {
        case nil, .null: value = nil
        case .number(let digits) where Double(digits)?.isFinite == true: value = Double(digits)
        default: throw GatewayError(.invalidArgument, "\"value\" must be a number")
        }
        guard let index = FeatureSchema.current.index(of: name) else {
            throw GatewayError(.invalidArgument, Self.suggestion(for: name))
        }
        let definition = FeatureSchema.current.definitions[index]
        let reply = FeatureReply(definition, value: value, reference: references[definition.name])
        return ToolReply(text: reply.words, structured: reply)
    }

    /// Names of features that share a word with what was asked for, which is not repeated.
    private static func suggestion(for name: String) -> String {
        let words = name.utf8.prefix(100).split { !isLetter($0) }.map { word in word.map { $0 | 0x20 } }
        let wanted = Set(words.filter { $0.count > 2 })
        let similar = FeatureSchema.current.names.filter { candidate in
            candidate.utf8.split(separator: UInt8(ascii: "_")).contains { wanted.contains(Array($0)) }
        }
        guard !similar.isEmpty else {
            return "no such feature; names are those of the explanation's terms, and GET /v1/features lists all"
        }
        return "no such feature; similar names: \(similar.prefix(12).joined(separator: ", "))"
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

/// A feature, what is usual, and where a value stands.
struct FeatureReply: Encodable, Sendable {
    var name: String
    var family: String
    var unit: String
    var definition: String
    /// Empty where the definition says it all.
    var formula: String
    /// nil where the scoring file has no references for the feature.
    var humanMedian: Double?
    var aiMedian: Double?
    var value: Double?
    /// Percent of the essays by people that lie below the value.
    var humanPercentile: Double?
    var aiPercentile: Double?

    enum CodingKeys: String, CodingKey {
        case name, family, unit, definition, formula, value
        case humanMedian = "human_median"
        case aiMedian = "ai_median"
        case humanPercentile = "human_percentile"
        case aiPercentile = "ai_percentile"
    }

    init(_ feature: FeatureDefinition, value: Double?, reference: Reference?) {
        (name, family, unit) = (feature.name, feature.family, feature.unit)
        (definition, formula) = (feature.definition, feature.formula)
        self.value = value
        guard let reference else { return }
        humanMedian = Reference.median(of: reference.human)
        aiMedian = Reference.median(of: reference.ai)
        guard let value else { return }
        humanPercentile = Reference.percentile(of: value, in: reference.human)
        aiPercentile = Reference.percentile(of: value, in: reference.ai)
    }

    var words: String {
        var sentences = ["\(name) (\(family)): \(definition)"]
        if !unit.isEmpty { sentences.append("Unit: \(unit).") }
        if !formula.isEmpty { sentences.append("Formula: \(formula).") }
        if let humanMedian, let aiMedian {
            sentences.append(
                "Median of essays by people \(Self.short(humanMedian)), by language models \(Self.short(aiMedian)).")
        }
        if let value, let humanPercentile, let aiPercentile {
            sentences.append(
                "\(Self.short(value)) is above \(Int(humanPercentile.rounded()))% of the essays by people and "
                    + "\(Int(aiPercentile.rounded()))% of those by language models.")
        }
        return sentences.joined(separator: " ")
    }

    private static func short(_ number: Double) -> String {
        "\((number * 10_000).rounded() / 10_000)"
    }
}

extension ExplainFeatureTool {
    var definition: ToolDefinition {
        ToolDefinition(
            name: "explain_feature", title: "Explain a feature",
            description: """
                What a feature of an explanation measures: definition, formula, unit, and the medians of essays by \
                people and by language models. With a value: how many percent of each lie below it.
                """,
            inputSchema: [
                "type": "object",
                "properties": [
                    "name": [
                        "type": "string",
                        "description": "As in explanation.terms[].features[].name, for example sentence_burstiness.",
                    ],
                    "value": ["type": "number", "description": "The essay's own value."],
                ],
                "required": ["name"], "additionalProperties": false,
            ],
            outputSchema: [
                "type": "object",
                "properties": [
                    "name": ["type": "string"], "family": ["type": "string"], "unit": ["type": "string"],
                    "definition": ["type": "string"], "formula": ["type": "string"],
                    "human_median": ["type": "number"], "ai_median": ["type": "number"],
                    "value": ["type": "number"],
                    "human_percentile": ["type": "number", "minimum": 0, "maximum": 100],
                    "ai_percentile": ["type": "number", "minimum": 0, "maximum": 100],
                ],
                "required": ["name", "family", "unit", "definition", "formula"],
            ])
    }
}
