import HTTPTypes

/// The description of the whole interface as an OpenAPI 3.1 document, made of the routes' own descriptions.
struct APIDocument: Sendable {
    /// What an operator decides of it.
    struct Settings: Sendable {
        /// Where callers reach the gateway, without a slash at the end; empty where it is not known.
        var publicURL: String
        /// The routes that need no key; nil where none does.
        var openRoutes: OpenRoutes?

        fileprivate func asksForKey(_ operation: APIOperation) -> Bool {
            openRoutes.map { !$0.contains(operation.path) } ?? false
        }
    }

    let json: OrderedJSON

    /// - Parameter operations: in the order in which they are told.
    init(_ operations: [APIOperation], settings: Settings) {
        let schemas = operations.flatMap(\.schemas).reduce(into: [Schema.Named]()) { result, next in
            if !result.contains(where: { $0.name == next.name }) { result.append(next) }
        }
        let groups = APIOperation.Group.allCases.filter { group in operations.contains { $0.group == group } }
        json = [
            "openapi": "3.1.0",
            "info": Self.info,
            "servers": [
                [
                    "url": .string(settings.publicURL.isEmpty ? "/" : settings.publicURL),
                    "description": "This gateway.",
                ]
            ],
            "tags": .array(
                groups.map { ["name": .string($0.rawValue), "description": .string($0.description)] }),
            "paths": Self.paths(operations, settings),
            "components": [
                "schemas": .object(schemas.map { .init(name: $0.name, value: $0.schema.json) }),
                "headers": Self.headers,
                "securitySchemes": Self.securitySchemes,
            ],
        ]
    }

    private static let info: OrderedJSON = [
        "title": "Essay gateway",
        "summary": "Was an essay written by a language model or by a person?",
        "description": """
        Send an essay, get a verdict, how sure it is, and why. A verdict is a probability, never proof, and must not be \
        the ground for accusing anybody.

        Every failure has the body {"error": {"code", "message", "request_id"}}; the message says what to do. \
        Texts are analysed in memory and neither kept nor logged.
        """,
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
        "version": "1",
    ]

    private static let headers: OrderedJSON = [
        "RequestID": [
            "description": """
            The request's id: what the caller sent as X-Request-Id where it is usable, else a new one. Only the reply to \
            bytes that are no HTTP request has none.
            """,
            "schema": ["type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$", "examples": ["784ae93271dcb04d"]],
        ],
        "Challenge": [
            "description": "How to show a key.",
            "schema": ["type": "string", "examples": ["Bearer realm=\"essay-gateway\""]],
        ],
        "RetryAfter": [
            "description": "Seconds after which it is worth trying again.",
            "schema": ["type": "integer", "minimum": 1, "examples": [2]],
        ],
    ]

    /// One alone: a GPT's action can use no more.
    private static let securitySchemes: OrderedJSON = [
        "key": [
            "type": "http", "scheme": "bearer",
            "description": "A key of `gateway keys create` in Authorization: Bearer. X-API-Key does as well.",
        ]
    ]

    private static func paths(_ operations: [APIOperation], _ settings: Settings) -> OrderedJSON {
        var paths: [OrderedJSON.Member] = []
        for operation in operations {
            let member = OrderedJSON.Member(
                name: operation.method.rawValue.lowercased(), value: operation.json(settings))
            if let index = paths.firstIndex(where: { $0.name == operation.path }) {
                paths[index].value = .object(paths[index].value.members + [member])
            } else {
                paths.append(.init(name: operation.path, value: .object([member])))
            }
        }
        return .object(paths)
    }
}

// MARK: - One operation

extension APIOperation {
    fileprivate var schemas: [Schema.Named] {
        let used =
            [requestBody?.schema].compactMap { $0 } + parameters.map(\.schema)
            + replies.flatMap { $0.content.map(\.schema) }
        return used.flatMap(\.named) + ErrorReply.schema.named
    }

    fileprivate func json(_ settings: APIDocument.Settings) -> OrderedJSON {
        .compact([
            "operationId": .string(id),
            "summary": .string(summary),
            "description": .string(description),
            "tags": [.string(group.rawValue)],
            // Nothing here changes anything: a GPT need not ask before each call.
            "x-openai-isConsequential": false,
            "security": settings.asksForKey(self) ? [["key": []]] : [],
            "parameters": parameters.isEmpty ? nil : .array(parameters.map(\.json)),
            "requestBody": requestBody?.json,
            "responses": .object(replies.map(Self.response) + errorResponses(needsKey: settings.asksForKey(self))),
        ])
    }

    private static func response(_ reply: Reply) -> OrderedJSON.Member {
        .init(
            name: String(reply.status),
            value: .compact([
                "description": .string(reply.description),
                "headers": ["X-Request-Id": ["$ref": "#/components/headers/RequestID"]],
                "content": reply.content.isEmpty
                    ? nil
                    : .object(
                        reply.content.map { mediaType, schema in
                            .init(name: mediaType, value: ["schema": schema.json, "example": schema.example])
                        }),
            ]))
    }

    /// One response a status, with an example a code.
    private func errorResponses(needsKey: Bool) -> [OrderedJSON.Member] {
        let codes = allErrors(needsKey: needsKey)
        let statuses = Set(codes.map(\.status)).subtracting(replies.map(\.status)).sorted()
        return statuses.map { status in
            let here = codes.filter { $0.status == status }
            let headers: OrderedJSON = .compact([
                "X-Request-Id": ["$ref": "#/components/headers/RequestID"],
                "Retry-After": here.contains(where: \.isWorthRetrying)
                    ? ["$ref": "#/components/headers/RetryAfter"] : nil,
                "WWW-Authenticate": status == 401 ? ["$ref": "#/components/headers/Challenge"] : nil,
            ])
            return .init(
                name: String(status),
                value: .compact([
                    "description": .string(here.map { "`\($0.rawValue)`: \($0.meaning)" }.joined(separator: " ")),
                    "headers": headers,
                    "content": [
                        "application/json": [
                            "schema": ErrorReply.schema.json,
                            "examples": .object(
                                here.map { .init(name: $0.rawValue, value: ["value": ErrorReply.example($0)]) }),
                        ]
                    ],
                ]))
        }
    }
}

extension APIOperation.Parameter {
    fileprivate var json: OrderedJSON {
        [
            "name": .string(name), "in": .string(place.rawValue), "required": .boolean(isRequired),
            "description": .string(description), "schema": schema.json,
        ]
    }
}

extension APIOperation.RequestBody {
    fileprivate var json: OrderedJSON {
        [
            "description": .string(description), "required": true,
            "content": .object([
                .init(name: mediaType, value: ["schema": schema.json, "example": schema.example])
            ]),
        ]
    }
}
