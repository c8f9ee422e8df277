import HTTPTypes

extension MCPRoutes {
    static let operations = [
        APIOperation(
            method: .post, path: "/mcp", id: "modelContextProtocol",
            summary: "The Model Context Protocol over streamable HTTP, without a stream.",
            description: """
                One JSON-RPC 2.0 message a request. The tools are `analyze_essay`, `explain_feature` and `list_models`. \
                Clients of the protocol do all of this by themselves: see modelcontextprotocol.io.
                """,
            group: .assistants, parameters: [.requestID],
            requestBody: .init(description: "The message.", schema: RPCMessage.schema),
            replies: [
                .init(description: "The result, or what is wrong with the message.", schema: RPCReply.schema),
                .init(status: 202, description: "A notification was taken; there is no reply to it.", content: []),
                .init(status: 400, description: "No message, or one that cannot be used.", schema: RPCReply.schema),
                .init(
                    status: 403, description: "`foreign_origin`: a web page of another site asked.",
                    schema: RPCReply.schema),
                .init(status: 404, description: "There is no such method.", schema: RPCReply.schema),
                .init(status: 413, description: "`body_too_large`: send a shorter text.", schema: RPCReply.schema),
                .init(status: 415, description: "`unsupported_media_type`: send JSON.", schema: RPCReply.schema),
            ],
            errors: [.foreignOrigin, .unsupportedMediaType, .malformedJSON, .invalidArgument])
    ]
}

extension RPCID {
    /// - Parameter isNullable: whether there may be none, as in a reply to what could not be read.
    fileprivate static func schema(isNullable: Bool) -> Schema {
        Schema(
            json: [
                "type": .array(["string", "integer"] + (isNullable ? ["null"] : [])),
                "description": "Of the request; its reply repeats it.", "minimum": .integer(numbers.lowerBound),
                "maximum": .integer(numbers.upperBound), "examples": [1],
            ], example: 1)
    }
}

extension RPCMessage {
    private static let version = Schema.string("Always 2.0.", example: "2.0", values: ["2.0"])
    private static let params = Schema.object("The method's parameters.", [], isOpen: true)

    static let schema: Schema = {
        let message = Schema.object(
            "A message of JSON-RPC 2.0: a request, or without an `id` a notification.",
            [
                .required("jsonrpc", version), .optional("id", RPCID.schema(isNullable: false)),
                .required("method", .string("What is asked for.", example: "tools/list")),
                .optional("params", params),
            ], isOpen: true)
        let forms: OrderedJSON = [
            ["required": ["id"]], ["properties": ["method": ["pattern": "^notifications/"]]],
        ]
        let json = OrderedJSON.object(message.json.members + [.init(name: "anyOf", value: forms)])
        return Schema(json: json, example: ["jsonrpc": "2.0", "id": 1, "method": "tools/list"]).named("RPCMessage")
    }()
}

extension RPCReply {
    static let schema: Schema = {
        let error = Schema.object(
            "What is wrong with the message.",
            [
                .required("code", .integer("Of JSON-RPC and the protocol.", example: -32601, minimum: nil)),
                .required("message", .string("What to do, in words.", example: "no such method")),
                .optional("data", .object("More on it.", [], isOpen: true)),
            ])
        let reply = Schema.object(
            "A reply of JSON-RPC 2.0: it has a `result` or an `error`.",
            [
                .required("jsonrpc", .string("Always 2.0.", example: "2.0", values: ["2.0"])),
                .required("id", RPCID.schema(isNullable: true)),
                .optional("result", .object("What the method gives.", [], isOpen: true)),
                .optional("error", error),
            ])
        return Schema(json: reply.json, example: ["jsonrpc": "2.0", "id": 1, "result": [:]]).named("RPCReply")
    }()
}
