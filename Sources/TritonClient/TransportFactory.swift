/// Opens a transport to a KServe v2 server. Nothing is sent yet.
///
/// - Parameter url: `http://HOST[:PORT]`, `https://…` (HTTP/1.1 with binary tensors), `grpc://…` or `grpcs://…` (gRPC).
///   HOST is a name, an IPv4 address or an IPv6 address in brackets. Without a port: 8000 and 8001 as Triton has them,
///   443 with TLS. Nothing may follow but one slash.
/// - Throws: `.invalidRequest` for any other URL; `.unreachable` when the system gives no thread.
public func makeTransport(
    url: String, configuration: TransportConfiguration = .init()
) throws(TritonError) -> any InferenceTransport & ModelRepositoryControl {
    guard configuration.maximumReplyBytes > 0 else { throw .invalidRequest("maximumReplyBytes must be above 0") }
    let (kind, endpoint) = try parseServerURL(url)
    switch kind {
    case .http:
        return try HTTPTransport(endpoint: endpoint, configuration: configuration)
    case .grpc:
        return try GRPCTransport(endpoint: endpoint, configuration: configuration)
    }
}

enum TransportKind: Equatable {
    case http
    case grpc
}

/// - Throws: `.invalidRequest` with what is wrong in words.
func parseServerURL(_ url: String) throws(TritonError) -> (TransportKind, Endpoint) {
    func bad(_ what: String) -> TritonError {
        // Without the URL itself, which may hold a password.
        .invalidRequest("server URL: \(what); it must look like http://host:8000 or grpc://host:8001")
    }
    let known: [(prefix: String, kind: TransportKind, usesTLS: Bool, port: Int)] = [
        ("http://", .http, false, 8000), ("https://", .http, true, 443), ("grpc://", .grpc, false, 8001),
        ("grpcs://", .grpc, true, 443),
    ]
    guard let scheme = known.first(where: { url.utf8.starts(with: $0.prefix.utf8) }) else {
        throw bad("the scheme is none of http, https, grpc, grpcs")
    }
    var rest = url.utf8.dropFirst(scheme.prefix.utf8.count)
    if rest.last == UInt8(ascii: "/") { rest = rest.dropLast() }

    let host: Substring.UTF8View
    if rest.first == UInt8(ascii: "[") {
        guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { throw bad("the bracket is not closed") }
        host = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        guard host.contains(UInt8(ascii: ":")), host.allSatisfy(isIPv6Byte) else { throw bad("no IPv6 address") }
    } else {
        host = rest.prefix { $0 != UInt8(ascii: ":") }
        rest = rest[host.endIndex...]
        guard !host.isEmpty else { throw bad("no host") }
        guard host.allSatisfy(isHostByte) else { throw bad("the host holds more than letters, digits, '.', '-', '_'") }
    }

    var port = scheme.port
    if rest.first == UInt8(ascii: ":") {
        let digits = rest.dropFirst()
        guard digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let number = Int(Substring(digits)), (1...65535).contains(number)
        else { throw bad("the port is no number from 1 to 65535") }
        port = number
    } else if !rest.isEmpty {
        throw bad("something follows the host")
    }
    return (scheme.kind, Endpoint(usesTLS: scheme.usesTLS, host: String(Substring(host)), port: port))
}

private func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
    default: false
    }
}

private func isIPv6Byte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
        UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: ":"), UInt8(ascii: "."):
        true
    default: false
    }
}
