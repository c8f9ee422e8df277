import Configuration
import Foundation
import Testing

@testable import Gateway

@Suite struct `The configuration` {
    private func read(_ values: [String: String]) throws -> GatewayConfiguration {
        let provider = InMemoryProvider(
            values: Dictionary(
                uniqueKeysWithValues: values.map {
                    (AbsoluteConfigKey(ConfigKey($0)), ConfigValue(.string($1), isSecret: false))
                }))
        return try GatewayConfiguration(reading: ConfigReader(provider: provider))
    }

    private func file(_ content: String) throws -> String {
        let url = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString).yaml")
        try content.write(to: url, atomically: true, encoding: .utf8)
        return url.path
    }

    @Test func `has the documented defaults`() throws {
        let configuration = try read([:])
        #expect(configuration == GatewayConfiguration())
        #expect(configuration.port == 8080)
        #expect(configuration.limits.maxBodyBytes == 1 << 20)
    }

    @Test func `takes every documented key`() throws {
        let numbers = GatewayConfiguration.keys.filter { $0.hasPrefix("limits.") || $0.hasPrefix("health.") }
        for key in numbers { #expect(try read([key: "64"]) != GatewayConfiguration(), "\(key) is not read") }
        let texts = ["gateway.host", "triton.url", "triton.ca_file", "scoring.file", "log.level"]
        for key in texts { #expect(try read([key: "x"]) != GatewayConfiguration(), "\(key) is not read") }
        #expect(try read(["gateway.port": "0"]).port == 0)
        #expect(try read(["log.format": "json"]).logFormat == .json)
        #expect(Set(numbers + texts + ["gateway.port", "log.format"]) == GatewayConfiguration.keys)
    }

    @Test(arguments: [
        ("gateway.port", "eighty"), ("gateway.port", "70000"), ("gateway.port", "-1"), ("log.format", "xml"),
        ("limits.max_in_flight", "0"), ("limits.deadline_ms", "-5"), ("limits.max_body_bytes", "1.5"),
    ])
    func `names the key of a value that cannot be used`(key: String, value: String) {
        let error = #expect(throws: GatewayConfiguration.Invalid.self) { try read([key: value]) }
        #expect(error?.key == key)
    }

    @Test(arguments: [
        "gateway:\n  port: 9001\nlimits:\n  max_tokens: 128\n",
        #"{"gateway": {"port": 9001}, "limits": {"max_tokens": 128}}"#,
    ])
    func `comes from a file, in YAML or JSON`(content: String) async throws {
        let configuration = try await GatewayConfiguration.load(arguments: [:], file: try file(content))
        #expect(configuration.port == 9001)
        #expect(configuration.limits.maxTokens == 128)
    }

    @Test func `the command line goes over the file`() async throws {
        let path = try file("gateway:\n  port: 9001\n  host: 127.0.0.2\n")
        let configuration = try await GatewayConfiguration.load(arguments: ["gateway.port": "9002"], file: path)
        #expect(configuration.port == 9002)
        #expect(configuration.host == "127.0.0.2")
    }

    @Test(arguments: [("limits:\n  max_token: 9\n", "limits.max_token"), ("prot: 1\n", "prot")])
    func `a mistyped key in the file is an error that names it`(content: String, key: String) async throws {
        let path = try file(content)
        let error = await #expect(throws: GatewayConfiguration.Invalid.self) {
            try await GatewayConfiguration.load(arguments: [:], file: path)
        }
        #expect(error?.key == key)
    }

    @Test(arguments: ["- 1\n- 2\n", "gateway: [unclosed"])
    func `a file that holds no settings is refused`(content: String) async throws {
        let path = try file(content)
        await #expect(throws: GatewayConfiguration.Invalid.self) {
            try await GatewayConfiguration.load(arguments: [:], file: path)
        }
    }
}
