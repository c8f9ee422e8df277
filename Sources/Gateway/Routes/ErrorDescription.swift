extension GatewayError.Code {
    /// What it means and what to do, for the documentation.
    var meaning: String {
        switch self {
        case .malformedRequest: "The request is not valid HTTP, or its body ended early: send it again."
        case .malformedJSON: "The body is not the JSON that is expected; the message says at which byte."
        case .unauthorized: "No key, or none that is valid: send it as `Authorization: Bearer`."
        case .foreignOrigin: "Web pages of this origin may not use the route: call it from a program."
        case .bodyTimeout: "The body did not arrive in time: send it faster."
        case .bodyTooLarge: "The body is larger than the gateway reads: send a shorter text."
        case .unsupportedMediaType: "The body must be `application/json` in UTF-8, not compressed."
        case .notFound: "There is no such route."
        case .methodNotAllowed: "The route takes another method: the header `Allow` names it."
        case .missingText: "The body has no field `text`."
        case .invalidText: "`text` is not a string."
        case .unknownField: "The body has a field that the route does not know."
        case .invalidBatch:
            "The batch has no texts, too many, or an id or a `detail` that is none; the message says which."
        case .emptyText: "Nothing is left of the text once white space and markup are gone."
        case .textTooLong: "The text has more tokens or sentences than are analysed: send it in parts."
        case .invalidArgument: "A tool was called with an argument that it cannot use; the message says which."
        case .rateLimited: "The key's requests of this minute are used up: try again."
        case .tooManyAtOnce: "The key has as many requests running as it may: try again."
        case .overloaded: "As many texts as the gateway takes at once are being analysed: try again."
        case .upstreamInvalid: "The inference server answered wrongly: tell the operator."
        case .upstreamUnavailable: "The inference server or a model is away: try again."
        case .notReady: "Too few models are usable for a verdict: try again later, or tell the operator."
        case .shuttingDown: "The gateway is being stopped: try again."
        case .deadlineExceeded: "The analysis did not finish in time: send a shorter text or try again later."
        case .clientGone: "The caller hung up: only ever seen in the access log."
        case .internalError: "A fault of the gateway: tell the operator the request's id."
        }
    }

    /// Whether the reply says when, in `Retry-After`.
    var isWorthRetrying: Bool {
        switch self {
        case .overloaded, .rateLimited, .tooManyAtOnce, .upstreamUnavailable, .notReady, .shuttingDown: true
        default: false
        }
    }
}

extension ErrorReply {
    static let schema = Schema.object(
        "Every failure has this form.",
        [
            .required(
                "error",
                .object(
                    "What went wrong.",
                    [
                        .required(
                            "code",
                            .string(
                                GatewayError.Code.allCases.map { "`\($0.rawValue)` (\($0.status)): \($0.meaning)" }
                                    .joined(separator: " "),
                                example: "empty_text", values: GatewayError.Code.allCases.map(\.rawValue))),
                        .required(
                            "message",
                            .string(
                                "What to do, in words. Never repeats what was sent.",
                                example: "the text is empty once white space and markup are gone; send the essay's text"
                            )),
                        .optional(
                            "request_id",
                            .string("The request's id, as in X-Request-Id.", example: "784ae93271dcb04d")),
                    ]))
        ]
    ).named("Error")

    static func example(_ code: GatewayError.Code) -> OrderedJSON {
        ["error": ["code": .string(code.rawValue), "message": .string(code.meaning), "request_id": "784ae93271dcb04d"]]
    }
}
