/// An HTTP request as the loopback server read it.
public struct ReceivedRequest: Sendable {
    /// Request line and headers, lines ended by CR LF, without the empty line.
    public var head: String
    public var body: [UInt8]

    /// The value of a header; nil if it is not there.
    public func header(_ name: String) -> String? {
        for line in head.split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == name.lowercased() {
                return String(parts[1].drop { $0 == " " })
            }
        }
        return nil
    }
}

extension LoopbackConnection {
    /// Reads one whole request; nil when the peer closes before its end.
    public func readRequest() -> ReceivedRequest? {
        var bytes: [UInt8] = []
        while true {
            if let end = Self.endOfHead(bytes) {
                let head = String(decoding: bytes[..<end], as: UTF8.self)
                var request = ReceivedRequest(head: head, body: Array(bytes[(end + 4)...]))
                let length = request.header("Content-Length").flatMap { Int($0) } ?? 0
                while request.body.count < length {
                    guard let more = read() else { return nil }
                    request.body += more
                }
                return request
            }
            guard let more = read() else { return nil }
            bytes += more
        }
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first { bytes[$0..<($0 + 4)].elementsEqual("\r\n\r\n".utf8) }
    }

    /// Sends one reply with a right Content-Length unless `headers` name another.
    @discardableResult
    public func reply(_ status: String = "200 OK", headers: [String] = [], body: [UInt8] = []) -> Bool {
        var head = "HTTP/1.1 \(status)\r\n"
        for header in headers { head += header + "\r\n" }
        let hasLength = headers.contains {
            $0.lowercased().hasPrefix("content-length:") || $0.lowercased().hasPrefix("transfer-encoding:")
        }
        if !hasLength { head += "Content-Length: \(body.count)\r\n" }
        return send(Array((head + "\r\n").utf8) + body)
    }

    /// Sends one reply in the binary tensor data extension.
    @discardableResult
    public func reply(json: String, tensors: [UInt8], headers: [String] = []) -> Bool {
        reply(
            headers: ["Inference-Header-Content-Length: \(json.utf8.count)"] + headers,
            body: Array(json.utf8) + tensors)
    }
}
