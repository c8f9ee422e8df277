/// The methods of `inference.GRPCInferenceService` that are used; the raw value is the path on the wire.
enum GRPCMethod: String, Sendable {
    case serverLive = "/inference.GRPCInferenceService/ServerLive"
    case serverReady = "/inference.GRPCInferenceService/ServerReady"
    case modelReady = "/inference.GRPCInferenceService/ModelReady"
    case serverMetadata = "/inference.GRPCInferenceService/ServerMetadata"
    case modelMetadata = "/inference.GRPCInferenceService/ModelMetadata"
    case modelConfig = "/inference.GRPCInferenceService/ModelConfig"
    case modelInfer = "/inference.GRPCInferenceService/ModelInfer"
    case repositoryIndex = "/inference.GRPCInferenceService/RepositoryIndex"
    case repositoryModelLoad = "/inference.GRPCInferenceService/RepositoryModelLoad"
    case repositoryModelUnload = "/inference.GRPCInferenceService/RepositoryModelUnload"
}

/// One unary call as the wire needs it.
struct GRPCRequest: Sendable {
    var method: GRPCMethod
    /// The message is these, one after the other. Tensors stay in arrays of their own, so that their bytes are copied
    /// once, into C-core's slices.
    var parts: [[UInt8]]
    /// `traceparent`, checked.
    var traceParent: String?

    /// C-core's and the wire's length prefix allow 4 GiB, Triton takes messages of at most 2^31 - 1 bytes.
    static let maximumMessageBytes = Int(Int32.max)
}

/// One answer of a server: the message of a call that ended with the status OK.
struct GRPCReply: Sendable {
    var message: [UInt8]
}

/// How C-core ended a call that did not succeed.
struct GRPCFailure: Equatable {
    /// The number of the gRPC status, as in grpc/status.h.
    var status: Int
    /// `grpc-message` from the server, or C-core's words.
    var message: String
    /// False when no connection ever took the call: the server surely did not see it.
    var reachedConnection: Bool
    /// Whether it came from the connection: from the server in trailers, or because the connection failed.
    var isFromServer: Bool
}

extension GRPCFailure {
    /// The one place where gRPC's status codes become ours.
    var error: TritonError {
        // The same clock ends the call here and in the state machine, whichever sees it first.
        if status == 4 { return .deadlineExceeded }
        // C core cancels such a call itself and may forget its peer, but only a reply names an encoding.
        if message.hasPrefix("Compression algorithm ") { return .invalidResponse(message) }
        guard reachedConnection else { return .unreachable(message) }
        guard isFromServer, !isOfConnection else {
            return switch status {
            // UNAVAILABLE: reset, end of file, GOAWAY, ping timeout. CANCELLED without a cancellation of ours (which
            // has answered the caller already): the server reset the stream.
            case 1, 14: .connectionLost(message)
            // Too large, compressed, cut short, not HTTP/2, another content type.
            default: .invalidResponse(message)
            }
        }
        return .server(fault, message: message)
    }

    /// C core hands over the failure of a connection or a stream as if the server had sent it in trailers. Nothing but
    /// its words tells them apart; the fault tests hold it to them.
    private var isOfConnection: Bool {
        Self.wordsOfConnection.contains { message.contains($0) }
    }

    private static let wordsOfConnection = [
        "Socket closed", "GOAWAY received", "Received RST_STREAM with error code", "keepalive watchdog timeout",
        "recvmsg:", "sendmsg:", "overflows local window", "Connection reset by peer", "Broken pipe",
    ]

    private var fault: ServerFault {
        switch status {
        case 3, 9, 11: .invalidArgument
        case 5: .notFound
        case 7, 16: .denied
        case 8: .overloaded
        case 12: .unimplemented
        case 14: .unavailable
        default: .internalError
        }
    }
}
