/// One HTTP/2 frame (RFC 9113, section 4.1).
public struct HTTP2Frame: Sendable {
    public enum Kind: UInt8, Sendable {
        case data = 0
        case headers = 1
        case reset = 3
        case settings = 4
        case ping = 6
        case goAway = 7
        case windowUpdate = 8
    }

    /// As on the wire; see `kind`.
    public var type: UInt8
    public var flags: UInt8
    public var stream: UInt32
    public var payload: [UInt8]

    /// nil for a type that the scripts have no use for.
    public var kind: Kind? { Kind(rawValue: type) }
    public var endsStream: Bool { flags & 1 != 0 }
    public var isAcknowledgement: Bool { flags & 1 != 0 }
}

/// One unary gRPC call as the scripted server read it.
public struct ReceivedCall: Sendable {
    public var stream: UInt32
    /// The HPACK bytes. C core writes names and values without Huffman coding, so they can be searched for text.
    public var headerBlock: [UInt8]
    /// Without the 5 bytes of gRPC's prefix.
    public var message: [UInt8]

    public func headersContain(_ text: String) -> Bool {
        let text = Array(text.utf8)
        guard headerBlock.count >= text.count else { return false }
        return (0...(headerBlock.count - text.count)).contains { headerBlock[$0...].starts(with: text) }
    }
}

/// The server's side of HTTP/2 with gRPC on it, as much as a script needs to answer, to fail, and to lie.
///
/// It acknowledges settings and pings by itself while it reads, and keeps to the windows that the client grants. It
/// sends no window updates: requests stay far under the 64 KiB that HTTP/2 grants at first.
public final class GRPCServerConnection {
    private let connection: LoopbackConnection
    private var unread: [UInt8] = []
    public private(set) var pingCount = 0
    public var answersPings = true
    /// Bytes that may still be sent: on the connection, and on the one stream that a script answers at a time.
    private var connectionWindow = 65_535
    private var streamWindows: [UInt32: Int] = [:]
    private var initialStreamWindow = 65_535

    /// Takes the client's preface and sends settings.
    /// - Returns: nil when the client is gone or speaks something else.
    public init?(_ connection: LoopbackConnection) {
        self.connection = connection
        guard take(24).map({ $0.elementsEqual("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) }) == true else { return nil }
        send(.settings, stream: 0)
    }

    // MARK: Reading

    /// The next frame but settings, pings and window updates; nil when the client has gone.
    public func readFrame() -> HTTP2Frame? {
        while let frame = takeFrame() {
            switch frame.kind {
            case .settings, .ping, .windowUpdate: control(frame)
            default: return frame
            }
        }
        return nil
    }

    private func takeFrame() -> HTTP2Frame? {
        guard let head = take(9) else { return nil }
        let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        guard let payload = take(length) else { return nil }
        return HTTP2Frame(
            type: head[3], flags: head[4], stream: Self.number(head[5...8]) & 0x7FFF_FFFF, payload: payload)
    }

    /// Settings, pings and window updates.
    private func control(_ frame: HTTP2Frame) {
        switch frame.kind {
        case .settings where !frame.isAcknowledgement:
            for start in stride(from: 0, to: frame.payload.count - 5, by: 6)
            where frame.payload[start + 1] == 4 && frame.payload[start] == 0 {
                let window = Int(Self.number(frame.payload[(start + 2)...(start + 5)]))
                for stream in streamWindows.keys { streamWindows[stream]? += window - initialStreamWindow }
                initialStreamWindow = window
            }
            send(.settings, flags: 1, stream: 0)
        case .ping where !frame.isAcknowledgement:
            pingCount += 1
            if answersPings { send(.ping, flags: 1, stream: 0, frame.payload) }
        case .windowUpdate:
            let more = Int(Self.number(frame.payload[...]) & 0x7FFF_FFFF)
            if frame.stream == 0 {
                connectionWindow += more
            } else {
                streamWindows[frame.stream, default: initialStreamWindow] += more
            }
        default: break
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The next call, read to its end; nil when the client has gone.
    public func readCall() -> ReceivedCall? {
        var headers: HTTP2Frame?
        var data: [UInt8] = []
        while let frame = readFrame() {
            switch frame.kind {
            case .headers: headers = frame
            case .data:
                data += frame.payload
                if frame.endsStream, let headers {
                    return ReceivedCall(
                        stream: frame.stream, headerBlock: headers.payload, message: Array(data.dropFirst(5)))
                }
            default: break
            }
        }
        return nil
    }

    /// Reads until a frame of this kind comes; nil when the client goes before.
    public func readUntil(_ kind: HTTP2Frame.Kind) -> HTTP2Frame? {
        while let frame = readFrame() {
            if frame.kind == kind { return frame }
        }
        return nil
    }

    private func take(_ count: Int) -> [UInt8]? {
        while unread.count < count {
            guard let more = connection.read() else { return nil }
            unread += more
        }
        defer { unread.removeFirst(count) }
        return Array(unread[..<count])
    }

    // MARK: Writing

    public func send(_ kind: HTTP2Frame.Kind, flags: UInt8 = 0, stream: UInt32, _ payload: [UInt8] = []) {
        let length = [16, 8, 0].map { UInt8(truncatingIfNeeded: payload.count >> $0) }
        connection.send(length + [kind.rawValue, flags] + Self.bigEndian(stream) + payload)
    }

    /// Header fields as literals without indexing and without Huffman coding.
    public func sendHeaders(_ fields: [(String, String)], stream: UInt32, endsStream: Bool = false) {
        var block: [UInt8] = []
        for (name, value) in fields {
            block.append(0)
            for text in [name, value] { block += Self.hpackLength(text.utf8.count) + Array(text.utf8) }
        }
        send(.headers, flags: endsStream ? 5 : 4, stream: stream, block)
    }

    public func sendInitialHeaders(
        stream: UInt32, contentType: String = "application/grpc", extra: [(String, String)] = []
    ) {
        sendHeaders([(":status", "200"), ("content-type", contentType)] + extra, stream: stream)
    }

    /// A message in frames of at most 16 KiB, the most that HTTP/2 takes unasked, as the client's windows allow; what it
    /// sends meanwhile is lost. Ends early when the client goes.
    public func sendMessage(_ message: [UInt8], stream: UInt32, flag: UInt8 = 0, announcing length: Int? = nil) {
        var rest = ([flag] + Self.bigEndian(UInt32(length ?? message.count)) + message)[...]
        while !rest.isEmpty {
            let window = min(connectionWindow, streamWindows[stream, default: initialStreamWindow])
            guard window > 0 else {
                guard let frame = takeFrame() else { return }
                control(frame)
                continue
            }
            let part = rest.prefix(min(16384, window))
            connectionWindow -= part.count
            streamWindows[stream, default: initialStreamWindow] -= part.count
            send(.data, stream: stream, Array(part))
            rest = rest.dropFirst(part.count)
        }
    }

    public func sendTrailers(status: Int, message: String? = nil, stream: UInt32) {
        let text = message.map { [("grpc-message", $0)] } ?? []
        sendHeaders([("grpc-status", "\(status)")] + text, stream: stream, endsStream: true)
    }

    /// A whole right answer.
    public func reply(_ message: [UInt8], to call: ReceivedCall) {
        sendInitialHeaders(stream: call.stream)
        sendMessage(message, stream: call.stream)
        sendTrailers(status: 0, stream: call.stream)
    }

    /// An error without a message ('trailers only'), as servers send it.
    public func fail(_ call: ReceivedCall, status: Int, message: String) {
        sendHeaders(
            [
                (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "\(status)"),
                ("grpc-message", message),
            ], stream: call.stream, endsStream: true)
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// A length in HPACK's integer coding with a prefix of 7 bits.
    private static func hpackLength(_ length: Int) -> [UInt8] {
        guard length >= 127 else { return [UInt8(length)] }
        var bytes: [UInt8] = [127]
        var rest = length - 127
        while rest >= 128 {
            bytes.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
