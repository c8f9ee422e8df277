import Testing

@testable import TritonClient

@Suite("Server URLs")
struct ServerURLTests {
    @Test("scheme, host and port are taken apart")
    func valid() throws {
        #expect(try parseServerURL("http://triton:8000") == (.http, .init(usesTLS: false, host: "triton", port: 8000)))
        #expect(try parseServerURL("http://triton") == (.http, .init(usesTLS: false, host: "triton", port: 8000)))
        #expect(
            try parseServerURL("grpc://127.0.0.1/") == (.grpc, .init(usesTLS: false, host: "127.0.0.1", port: 8001)))
        #expect(try parseServerURL("https://a.b-c_d") == (.http, .init(usesTLS: true, host: "a.b-c_d", port: 443)))
        #expect(try parseServerURL("grpcs://[::1]:9") == (.grpc, .init(usesTLS: true, host: "::1", port: 9)))
    }

    @Test(
        "anything else is refused with a message that does not repeat it",
        arguments: [
            "", "triton:8000", "ftp://triton", "HTTP//x", "http://", "http:///", "http://:8000", "http://a:0",
            "http://a:65536", "http://a:99999999999999999999", "http://a:", "http://a:-1", "http://a:80x",
            "http://user:secret@a:80", "http://a/v2", "http://a:80/v2", "http://a?b", "http://a#b", "http://a b",
            "http://a\r\nX: y", "http://[::1", "http://[]", "http://[a]", "http://[::1]x", "http://[::1%25eth0]",
            "http://é",
        ])
    func invalid(_ url: String) {
        #expect {
            _ = try parseServerURL(url)
        } throws: { error in
            guard case TritonError.invalidRequest(let message) = error else { return false }
            return message.contains("http://host:8000") && !message.contains("secret")
        }
    }
}

private func == (a: (TransportKind, Endpoint), b: (TransportKind, Endpoint)) -> Bool {
    a.0 == b.0 && a.1 == b.1
}
