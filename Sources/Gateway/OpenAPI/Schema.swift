/// A JSON Schema (draft 2020-12) of a value, with an example of it.
struct Schema: Sendable {
    let json: OrderedJSON
    let example: OrderedJSON
    /// The named schemas that this one refers to, directly or not.
    let named: [Named]

    /// A schema that stands in the document once, and is referred to by its name.
    struct Named: Sendable {
        var name: String
        var schema: Schema
    }

    /// A field of an object.
    struct Property: Sendable {
        var name: String
        var schema: Schema
        var isRequired: Bool
    }

    init(json: OrderedJSON, example: OrderedJSON, named: [Named] = []) {
        (self.json, self.example, self.named) = (json, example, named)
    }
}

// MARK: - Values

extension Schema {
    /// - Parameters:
    ///   - values: the only ones that there are; any where empty.
    ///   - minimumLength: in characters.
    static func string(
        _ description: String, example: String, values: [String] = [], minimumLength: Int? = nil,
        pattern: String? = nil
    ) -> Schema {
        scalar(
            [
                "type": "string", "description": .string(description),
                "enum": values.isEmpty ? nil : .array(values.map { .string($0) }),
                "minLength": minimumLength.map { .integer($0) },
                "pattern": pattern.map { .string($0) },
            ], example: .string(example))
    }

    static func number(_ description: String, example: Double, in range: ClosedRange<Double>? = nil) -> Schema {
        scalar(
            [
                "type": "number", "description": .string(description),
                "minimum": range.map { .number($0.lowerBound) }, "maximum": range.map { .number($0.upperBound) },
            ], example: .number(example))
    }

    /// Between 0 and 1.
    static func share(_ description: String, example: Double) -> Schema {
        number(description, example: example, in: 0...1)
    }

    static func integer(_ description: String, example: Int, minimum: Int? = 0) -> Schema {
        scalar(
            [
                "type": "integer", "description": .string(description), "minimum": minimum.map { .integer($0) },
            ], example: .integer(example))
    }

    static func boolean(_ description: String, example: Bool) -> Schema {
        scalar(["type": "boolean", "description": .string(description)], example: .boolean(example))
    }

    private static func scalar(_ members: KeyValuePairs<String, OrderedJSON?>, example: OrderedJSON) -> Schema {
        let json = OrderedJSON.object(
            OrderedJSON.compact(members).members + [.init(name: "examples", value: .array([example]))])
        return Schema(json: json, example: example)
    }
}

// MARK: - Structures

extension Schema {
    /// - Parameter example: one item, made of the item's example, where none is given.
    static func array(of item: Schema, _ description: String, example: [OrderedJSON]? = nil) -> Schema {
        Schema(
            json: ["type": "array", "description": .string(description), "items": item.json],
            example: .array(example ?? [item.example]), named: item.named)
    }

    /// Fields whose names are not known beforehand, all of the same kind.
    static func map(of value: Schema, _ description: String, example: OrderedJSON) -> Schema {
        Schema(
            json: ["type": "object", "description": .string(description), "additionalProperties": value.json],
            example: example, named: value.named)
    }

    /// Exactly these fields.
    /// - Parameter isOpen: whether others may stand there, too.
    static func object(_ description: String, _ properties: [Property], isOpen: Bool = false) -> Schema {
        let required = properties.filter(\.isRequired).map { OrderedJSON.string($0.name) }
        return Schema(
            json: .compact([
                "type": "object", "description": .string(description),
                "required": required.isEmpty ? nil : .array(required),
                "properties": .object(properties.map { .init(name: $0.name, value: $0.schema.json) }),
                "additionalProperties": .boolean(isOpen),
            ]),
            example: .object(properties.map { .init(name: $0.name, value: $0.schema.example) }),
            named: properties.flatMap(\.schema.named))
    }

    /// This schema, put into the document under a name.
    func named(_ name: String) -> Schema {
        Schema(
            json: ["$ref": .string("#/components/schemas/\(name)")], example: example,
            named: named + [Named(name: name, schema: self)])
    }
}

extension Schema.Property {
    static func required(_ name: String, _ schema: Schema) -> Self {
        Self(name: name, schema: schema, isRequired: true)
    }

    /// A field that is left out where there is nothing to say.
    static func optional(_ name: String, _ schema: Schema) -> Self {
        Self(name: name, schema: schema, isRequired: false)
    }
}
