/// The body of `POST /v1/analyze/batch`: `{"texts": […], "detail": "summary"}`, where a text is a string, or an object
/// `{"id": "…", "text": "…"}` whose id comes back with the result.
struct BatchRequest: Sendable {
    struct Item: Sendable, Equatable {
        var id: String?
        /// The text, or why the item cannot be analysed.
        var text: Result<String, GatewayError>
    }

    /// How much is said of each text.
    enum Detail: String, CaseIterable, Sendable {
        /// Verdict, probability, reasons, models and one sentence.
        case summary
        /// All that `/v1/analyze` answers.
        case full
    }

    var items: [Item]
    var detail = Detail.summary

    /// Bytes.
    static let longestID = 256

    /// What is wrong with the batch is thrown; what is wrong with one text stays in its place.
    init(_ body: [UInt8], maxTexts: Int) throws(GatewayError) {
        let (fields, unknownCount) = try Self.strictly { () throws(StrictJSON.Failure) in
            try StrictJSON.object(body, keys: ["texts", "detail"])
        }
        guard unknownCount == 0 else {
            throw GatewayError(.unknownField, "the body has a field besides \"texts\" and \"detail\"")
        }
        guard case .array(let range) = fields["texts"] else {
            throw GatewayError(.invalidBatch, "\"texts\" must be an array of strings or of {\"id\", \"text\"} objects")
        }
        let (values, count) = try Self.strictly { () throws(StrictJSON.Failure) in
            try StrictJSON.elements(body, in: range, atMost: maxTexts)
        }
        guard (1...maxTexts).contains(count) else {
            throw GatewayError(.invalidBatch, "\"texts\" holds \(count) texts; send between 1 and \(maxTexts)")
        }
        items = []
        for (index, value) in values.enumerated() { items.append(try Self.item(value, index, in: body)) }
        if let value = fields["detail"] {
            guard case .string(let name) = value, let detail = Detail(rawValue: name) else {
                throw GatewayError(.invalidBatch, "\"detail\" must be \"summary\" or \"full\"")
            }
            self.detail = detail
        }
    }

    private static func strictly<Value>(
        _ read: () throws(StrictJSON.Failure) -> Value
    ) throws(GatewayError) -> Value {
        do {
            return try read()
        } catch {
            throw GatewayError(error)
        }
    }

    private static func item(_ value: StrictJSON.Value, _ index: Int, in body: [UInt8]) throws(GatewayError) -> Item {
        switch value {
        case .string(let text): return Item(id: nil, text: .success(text))
        case .object(let range):
            let (fields, unknownCount) = try strictly { () throws(StrictJSON.Failure) in
                try StrictJSON.object(body, in: range, keys: ["id", "text"])
            }
            return Item(id: try id(fields["id"], index), text: text(fields["text"], unknownCount))
        default:
            return Item(
                id: nil, text: .failure(GatewayError(.invalidText, "a text must be a string or {\"id\", \"text\"}")))
        }
    }

    private static func id(_ value: StrictJSON.Value?, _ index: Int) throws(GatewayError) -> String? {
        switch value {
        case nil: return nil
        case .string(let id) where id.utf8.count <= longestID: return id
        default:
            throw GatewayError(
                .invalidBatch, "the id of text \(index) must be a string of at most \(longestID) bytes")
        }
    }

    private static func text(_ value: StrictJSON.Value?, _ unknownCount: Int) -> Result<String, GatewayError> {
        guard unknownCount == 0 else {
            return .failure(GatewayError(.unknownField, "a text has \"id\" and \"text\", no more"))
        }
        switch value {
        case .string(let text): return .success(text)
        case nil: return .failure(GatewayError(.missingText, "it has no field \"text\""))
        default: return .failure(GatewayError(.invalidText, "\"text\" must be a string"))
        }
    }
}
