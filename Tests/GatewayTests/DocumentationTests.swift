import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing
import Yams

@testable import Gateway

/// The OpenAPI document against the routes, and against what GPT actions demand.
@Suite struct `The interface's description` {
    private static let settings = APIDocument.Settings(
        publicURL: "https://essays.example.org", openRoutes: OpenRoutes(isMetricsOpen: false))
    private static let documents = [
        APIDocument(APIOperation.all, settings: settings).json,
        APIDocument(APIOperation.ofAction, settings: settings).json,
    ]

    private func withGateway(
        _ body: @escaping @Sendable (GatewayParts, any TestClientProtocol) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let parts = buildGateway(.init(), transport: FakeTriton(), scoring: Fixture.scoring, logger: logger)
        await parts.catalog.refresh()
        try await parts.application.test(.router) { try await body(parts, $0) }
    }

    /// Every object in a document, with the way to it.
    private func objects(in json: OrderedJSON, at path: String = "") -> [(path: String, value: OrderedJSON)] {
        let below =
            json.members.flatMap { objects(in: $0.value, at: "\(path)/\($0.name)") }
            + json.items.enumerated().flatMap { objects(in: $0.element, at: "\(path)/\($0.offset)") }
        return json.members.isEmpty ? below : [(path, json)] + below
    }

    private func operations(of document: OrderedJSON) -> [OrderedJSON] {
        (document["paths"]?.members ?? []).flatMap { $0.value.members.map(\.value) }
    }

    // MARK: - Against the routes

    @Test func `names every route that there is, and no other`() async throws {
        try await withGateway { parts, _ in
            #expect(Set(APIOperation.all.map(\.path)) == Set(parts.paths))
        }
    }

    @Test func `names every method that a route takes: all others are 405, with Allow`() async throws {
        try await withGateway { parts, client in
            let methods: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete, .options, .trace]
            for path in parts.paths {
                let described = APIOperation.all.filter { $0.path == path }.map(\.method)
                for method in methods {
                    let response = try await client.execute(uri: path, method: method)
                    #expect((response.status == .methodNotAllowed) == !described.contains(method), "\(method) \(path)")
                    if response.status == .methodNotAllowed {
                        let allowed = try #require(response.headers[.allow])
                        #expect(
                            allowed == described.map { $0 == .get ? "GET, HEAD" : $0.rawValue }.joined(separator: ", "))
                    }
                }
            }
        }
    }

    @Test func `every error that a caller can get is named by some route`() {
        // There is no route to name the first, and nobody to read the second.
        let elsewhere: Set<GatewayError.Code> = [.methodNotAllowed, .clientGone]
        let named = Set(APIOperation.all.flatMap { $0.allErrors(needsKey: true) })
        #expect(named == Set(GatewayError.Code.allCases).subtracting(elsewhere))
        #expect(Set(GatewayError.Code.allCases.map(\.meaning)).count == GatewayError.Code.allCases.count)
    }

    // MARK: - As a document

    @Test func `every field has a description and an example, and every reference leads somewhere`() throws {
        for document in Self.documents {
            let schemas = try #require(document["components"]?["schemas"])
            for (path, object) in objects(in: document) {
                if let reference = object["$ref"]?.text, reference.hasPrefix("#/components/schemas/") {
                    #expect(schemas[String(reference.dropFirst(21))] != nil, "\(path): \(reference)")
                }
                guard let type = object["type"]?.text, path.contains("/schemas/") else { continue }
                #expect(object["description"]?.text?.isEmpty == false, "\(path) has no description")
                if type != "object", type != "array" { #expect(object["examples"] != nil, "\(path) has no example") }
            }
        }
    }

    @Test func `JSON and YAML say the same`() async throws {
        try await withGateway { _, client in
            let response = try await client.execute(uri: "/openapi.json", method: .get)
            let json = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
            let document = try #require(json as? NSDictionary)
            #expect(document["openapi"] as? String == "3.1.0")
            let yaml = try await client.execute(uri: "/openapi.yaml", method: .get)
            #expect(yaml.headers[.contentType] == "application/yaml; charset=utf-8")
            #expect(document.isEqual(try Yams.load(yaml: String(buffer: yaml.body))))
        }
    }

    @Test func `text is escaped in JSON, in YAML and in HTML`() throws {
        let hostile = "a \"quoted\" \\ line\nand <b>\u{1}</b> & so on: yes"
        let json = OrderedJSON.object([.init(name: "yes", value: .string(hostile)), .init(name: "n", value: "12")])
        let read = try JSONSerialization.jsonObject(with: Data(json.json.utf8))
        #expect(read as? [String: String] == ["yes": hostile, "n": "12"])
        #expect(try Yams.load(yaml: json.yaml()) as? [String: String] == ["yes": hostile, "n": "12"])
        let page = ReferencePage(["info": ["title": .string(hostile)]]).html
        #expect(page.contains("&lt;b&gt;") && !page.contains("<b>"))
    }

    @Test func `callers are sent to the public URL where there is one`() {
        func server(_ url: String) -> String? {
            APIDocument([], settings: .init(publicURL: url, openRoutes: nil)).json["servers"]?.items.first?["url"]?.text
        }
        #expect(server("https://essays.example.org") == "https://essays.example.org")
        #expect(server("") == "/")
    }

    @Test func `a key is asked for where keys are in use, but not by open routes`() {
        let openRoutes = OpenRoutes(isMetricsOpen: false)
        for operation in APIOperation.all {
            for routes in [openRoutes, nil] {
                let document = APIDocument([operation], settings: .init(publicURL: "", openRoutes: routes)).json
                let asks = !(routes?.contains(operation.path) ?? true)
                let described = operations(of: document).first
                #expect(described?["security"]?.items.isEmpty == !asks, "\(operation.id)")
                #expect((described?["responses"]?["401"] != nil) == asks, "\(operation.id)")
            }
        }
        #expect(APIOperation.all.count { openRoutes.contains($0.path) } > 10)
        for path in OpenRoutes.always { #expect(APIOperation.all.contains { $0.path == path }, "\(path)") }
        for operation in DocumentationRoutes.operations { #expect(openRoutes.contains(operation.path)) }
    }

    // MARK: - What GPT actions demand

    @Test func `operations have ids of their own, and descriptions of at most 300 characters`() {
        for document in Self.documents {
            let ids = operations(of: document).compactMap { $0["operationId"]?.text }
            #expect(ids.count == operations(of: document).count && Set(ids).count == ids.count)
            for id in ids { #expect(id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }, "\(id)") }
            for operation in operations(of: document) {
                for field in ["summary", "description"] {
                    let length = operation[field]?.text?.count ?? 0
                    #expect(
                        (1...300).contains(length), "\(field) of \(operation["operationId"]?.text ?? "?"): \(length)")
                }
            }
        }
    }

    @Test func `parameters and fields are described in at most 700 characters`() {
        for document in Self.documents {
            for (path, object) in objects(in: document) where object["in"] != nil || path.contains("/properties/") {
                // The list of error codes is no parameter, and nothing that is sent.
                guard !path.hasSuffix("/error/properties/code") else { continue }
                #expect((object["description"]?.text?.count ?? 0) <= 700, "\(path)")
            }
        }
    }

    @Test func `the action has few routes, none of which needs a confirmation, and one way to show a key`() throws {
        let document = Self.documents[1]
        #expect((1...30).contains(operations(of: document).count))
        for operation in operations(of: document) {
            #expect(operation["x-openai-isConsequential"] == false)
            #expect(operation["parameters"]?.items.contains { $0["in"] == "header" } != true)
        }
        #expect(document["components"]?["securitySchemes"]?.members.count == 1)
        #expect(document["servers"]?.items.count == 1)
    }

    @Test func `answers come within the 45 seconds that an action waits`() {
        let limits = GatewayConfiguration.Limits()
        #expect(limits.deadline < .seconds(45))
        #expect(limits.bodyTimeout < limits.deadline)
    }
}
