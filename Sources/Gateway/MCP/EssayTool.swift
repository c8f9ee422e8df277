/// A tool that a language model can call.
protocol EssayTool: Sendable {
    var definition: ToolDefinition { get }

    /// - Throws: `GatewayError` for what the caller of the tool should read and can act on.
    func call(_ arguments: RPCObject, _ context: GatewayContext) async throws -> ToolReply
}

/// A tool as `tools/list` shows it.
struct ToolDefinition: Encodable, Sendable {
    var name: String
    var title: String
    var description: String
    /// JSON Schema, draft 2020-12.
    var inputSchema: OrderedJSON
    var outputSchema: OrderedJSON
    /// No tool changes anything.
    var annotations: OrderedJSON = ["readOnlyHint": true, "idempotentHint": true, "openWorldHint": false]
}

/// What a tool gives: words for the model, and the same as data where it worked.
struct ToolReply: Encodable, Sendable {
    var text: String
    var structured: (any Encodable & Sendable)?
    /// Why it did not work.
    var failure: GatewayError?

    init(text: String, structured: some Encodable & Sendable) {
        self.text = text
        self.structured = structured
    }

    /// Tools report failures inside a result: the model must see them to do better.
    init(_ failure: GatewayError) {
        text = "\(failure.code.rawValue): \(failure.message)"
        self.failure = failure
    }

    private enum Key: String, CodingKey {
        case content, structuredContent, isError
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode([["type": "text", "text": text]], forKey: .content)
        if let structured { try container.encode(structured, forKey: .structuredContent) }
        try container.encode(failure != nil, forKey: .isError)
    }
}
