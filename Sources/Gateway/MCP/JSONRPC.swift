/// The id of a JSON-RPC request, which its reply repeats.
enum RPCID: Encodable, Sendable, Equatable {
    case string(String)
    case number(Int)
    /// Of a reply to what could not be read.
    case null

    /// The numbers that every JSON reader keeps exactly. Another could not be repeated so that its sender knows it.
    static let numbers = -9_007_199_254_740_991...9_007_199_254_740_991

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .null: try container.encodeNil()
        }
    }
}

/// What can go wrong with a JSON-RPC message, as JSON-RPC 2.0 and the Model Context Protocol number it.
enum RPCErrorCode: Int, Sendable {
    case parseError = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParams = -32602
    /// Refused before it was read as JSON-RPC: too large, wrong media type, foreign origin.
    case refused = -32000
    case headerMismatch = -32020
    case unsupportedVersion = -32022
}

/// An error of the protocol. What a tool could not do is no such error: see `ToolReply`.
struct RPCError: Error, Sendable {
    var code: RPCErrorCode
    /// Says what to do, and never repeats what the caller sent.
    var message: String
    var data: [String: OrderedJSON] = [:]
}

/// One request or notification of JSON-RPC 2.0.
struct RPCMessage: Sendable {
    var method: String
    /// nil in a notification.
    var id: RPCID?
    var params: RPCObject

    private static let keys: [StaticString] = ["jsonrpc", "id", "method", "params"]

    /// - Throws: with the id as far as it could be read, for the reply.
    init(_ bytes: [UInt8]) throws(Unreadable) {
        let fields: [String: StrictJSON.Value]
        do {
            fields = try StrictJSON.object(bytes, keys: Self.keys).fields
        } catch {
            let isArray = error.reason == .notAnObject && bytes[error.offset] == UInt8(ascii: "[")
            throw Unreadable(
                id: .null,
                error: isArray
                    ? RPCError(code: .invalidRequest, message: "batches are not taken; send one message a request")
                    : RPCError(code: .parseError, message: GatewayError(error).message))
        }
        switch fields["id"] {
        case nil: id = nil
        case .string(let text): id = .string(text)
        case .number(let digits):
            guard let number = Int(digits), RPCID.numbers.contains(number) else {
                throw Unreadable(.null, "\"id\" must be a string or a whole number between -(2^53 - 1) and 2^53 - 1")
            }
            id = .number(number)
        default: throw Unreadable(.null, "\"id\" must be a string or a whole number")
        }
        guard fields["jsonrpc"] == .string("2.0") else { throw Unreadable(id, "\"jsonrpc\" must be \"2.0\"") }
        guard case .string(let method) = fields["method"] else {
            throw Unreadable(id, "\"method\" must be a string; the gateway asks nothing, so it takes no replies")
        }
        self.method = method
        switch fields["params"] {
        case nil: params = RPCObject(bytes: bytes, range: nil)
        case .object(let range): params = RPCObject(bytes: bytes, range: range)
        default: throw Unreadable(id, "\"params\" must be an object")
        }
        guard id != nil || method.utf8.starts(with: "notifications/".utf8) else {
            throw Unreadable(nil, "a request needs an \"id\"")
        }
    }

    struct Unreadable: Error {
        var id: RPCID
        var error: RPCError

        init(id: RPCID, error: RPCError) {
            (self.id, self.error) = (id, error)
        }

        init(_ id: RPCID?, _ message: String) {
            self.init(id: id ?? .null, error: RPCError(code: .invalidRequest, message: message))
        }
    }
}

/// An object inside a message, read when it is known which fields matter.
struct RPCObject: Sendable {
    let bytes: [UInt8]
    /// nil where the object was left out, which is the same as an empty one.
    let range: Range<Int>?

    func fields(
        _ keys: [StaticString]
    ) throws(RPCError) -> (fields: [String: StrictJSON.Value], unknownCount: Int) {
        guard let range else { return ([:], 0) }
        do {
            return try StrictJSON.object(bytes, in: range, keys: keys)
        } catch {
            throw RPCError(code: .invalidParams, message: GatewayError(error).message)
        }
    }

    /// The object that is the value of `key`; empty where there is none.
    func object(_ key: StaticString) throws(RPCError) -> RPCObject {
        switch try fields([key]).fields["\(key)"] {
        case nil, .null: return RPCObject(bytes: bytes, range: nil)
        case .object(let range): return RPCObject(bytes: bytes, range: range)
        default: throw RPCError(code: .invalidParams, message: "\"\(key)\" must be an object")
        }
    }
}

/// A reply of JSON-RPC 2.0: a result or an error.
struct RPCReply: Encodable, Sendable {
    var id: RPCID
    var outcome: Result<any Encodable & Sendable, RPCError>

    private enum Key: String, CodingKey {
        case jsonrpc, id, result, error, code, message, data
    }

    func encode(to encoder: any Encoder) throws {
        var reply = encoder.container(keyedBy: Key.self)
        try reply.encode("2.0", forKey: .jsonrpc)
        try reply.encode(id, forKey: .id)
        switch outcome {
        case .success(let result): try reply.encode(result, forKey: .result)
        case .failure(let failure):
            var error = reply.nestedContainer(keyedBy: Key.self, forKey: .error)
            try error.encode(failure.code.rawValue, forKey: .code)
            try error.encode(failure.message, forKey: .message)
            if !failure.data.isEmpty { try error.encode(failure.data, forKey: .data) }
        }
    }
}
