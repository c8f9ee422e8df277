import Hummingbird

/// Reads `{"text": "…"}` from a request, with every check that can be made before analysing.
struct TextRequest {
    /// Whether fields besides `text` are refused. The original system's clients send some.
    var refusesUnknownFields: Bool
    var maxBodyBytes: Int

    func text(of request: Request) async throws -> String {
        try text(in: try await JSONBody(maxBytes: maxBodyBytes).bytes(of: request))
    }

    /// The decoding alone, for tests and for the command line.
    func text(in body: [UInt8]) throws(GatewayError) -> String {
        let (fields, unknownCount): ([String: StrictJSON.Value], Int)
        do {
            (fields, unknownCount) = try StrictJSON.object(body, keys: ["text"])
        } catch {
            throw GatewayError(error)
        }
        guard !refusesUnknownFields || unknownCount == 0 else {
            throw GatewayError(.unknownField, "the body has a field besides \"text\"; send {\"text\": \"…\"}")
        }
        switch fields["text"] {
        case .string(let text): return text
        case nil: throw GatewayError(.missingText, "the body has no field \"text\"; send {\"text\": \"…\"}")
        default: throw GatewayError(.invalidText, "\"text\" must be a string")
        }
    }
}
