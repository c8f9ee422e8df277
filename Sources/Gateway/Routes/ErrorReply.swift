import Foundation
import Hummingbird

/// `{"error":{"code","message","request_id"}}`, the body of every failure.
struct ErrorReply: Encodable, Sendable {
    struct Body: Encodable, Sendable {
        var code: String
        var message: String
        var requestID: String?

        enum CodingKeys: String, CodingKey {
            case code, message
            case requestID = "request_id"
        }
    }

    static let contentType = "application/json; charset=utf-8"

    var error: Body

    init(_ error: GatewayError, requestID: String?) {
        self.error = Body(
            code: error.code.rawValue, message: error.message,
            requestID: requestID.flatMap { $0.isEmpty ? nil : $0 })
    }

    var json: [UInt8] {
        // Two plain strings always encode; the fallback keeps the type total.
        (try? replyBytes(self)) ?? Array(#"{"error":{"code":"internal_error","message":"no details"}}"#.utf8)
    }
}

/// Encodes a reply, keys sorted so that the same answer is the same bytes.
/// - Throws: for a number that is not finite, which must never leave the gateway.
func replyBytes(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
}

extension Response {
    /// A JSON reply.
    init(json value: some Encodable, status: HTTPResponse.Status = .ok) throws {
        self.init(status: status, json: try replyBytes(value))
    }

    init(_ error: GatewayError, requestID: String) {
        let reply = ErrorReply(error, requestID: requestID)
        self.init(status: .init(code: error.code.status), json: reply.json)
        if let seconds = error.retryAfter { headers[.retryAfter] = "\(seconds)" }
        if error.code == .unauthorized { headers[.wwwAuthenticate] = #"Bearer realm="essay-gateway""# }
        if let methods = error.allowedMethods { headers[.allow] = methods }
        // What is left of a refused body would otherwise have to be read to its end.
        if error.code == .bodyTooLarge { headers[.connection] = "close" }
    }

    private init(status: HTTPResponse.Status, json: [UInt8]) {
        var headers = HTTPFields()
        headers[.contentType] = ErrorReply.contentType
        self.init(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: json)))
    }
}
