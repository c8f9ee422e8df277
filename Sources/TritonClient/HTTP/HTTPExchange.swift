/// One request as the wire needs it.
struct HTTPRequest: Sendable {
    /// Path below the server's root, without a leading slash; every part has been checked.
    var path: String
    /// nil makes it a GET.
    var post: Post?

    struct Post: Sendable {
        var body: [UInt8]
        /// Length of the JSON before the tensors' bytes; nil where the body is JSON alone.
        var jsonLength: Int?
        /// `traceparent`, checked.
        var traceParent: String?
    }
}

/// One complete reply, status and lengths as the wire had them.
struct HTTPReply: Sendable {
    var status: Int
    /// `Inference-Header-Content-Length` as it was sent.
    var jsonLength: String?
    var body: [UInt8]
}

/// Scheme, host and port of a server.
struct Endpoint: Sendable, Equatable {
    var usesTLS: Bool
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    var host: String
    var port: Int
}

extension HTTPReply {
    /// - Throws: what the status says, with the message of Triton's `{"error":"…"}`.
    func checkedStatus() throws(TritonError) {
        guard status != 200 else { return }
        guard status >= 400 else { throw .invalidResponse("HTTP status \(status)") }
        throw .server(Self.fault(status), message: errorMessage ?? "HTTP status \(status)")
    }

    private static func fault(_ status: Int) -> ServerFault {
        switch status {
        case 400: .invalidArgument
        case 401, 403: .denied
        case 404: .notFound
        case 429: .overloaded
        case 501: .unimplemented
        case 503: .unavailable
        default: .internalError
        }
    }

    private var errorMessage: String? {
        // A body that is no such object comes from something that is not Triton; its status alone counts.
        guard let json = try? InferBody.json(body[...]), let message = try? json.member("error")?.string else {
            return nil
        }
        return message.utf8.count <= 1000 ? message : String(decoding: message.utf8.prefix(1000), as: UTF8.self) + "…"
    }
}
