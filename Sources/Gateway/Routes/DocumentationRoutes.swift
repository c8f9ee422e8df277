import HTTPTypes
import Hummingbird

/// `GET /openapi.json`, `/openapi.yaml`, `/openapi-action.json`, and the reference for people at `/docs`.
struct DocumentationRoutes: Sendable {
    private let json: String
    private let yaml: Result<String, any Error>
    private let actionJSON: String
    private let page: String

    /// - Parameter paths: of the other routes that the gateway has; `/metrics`, for one, may be elsewhere.
    init(besides paths: [String], _ settings: APIDocument.Settings) {
        let described = Set(paths + Self.operations.map(\.path))
        let document = APIDocument(APIOperation.all.filter { described.contains($0.path) }, settings: settings).json
        json = document.json
        yaml = Result { try document.yaml() }
        actionJSON = APIDocument(APIOperation.ofAction, settings: settings).json.json
        page = ReferencePage(document).html
    }

    func add(to router: Router<GatewayContext>) {
        router.only(.get, "/openapi.json") { _, _ in Response(text: json, mediaType: MediaType.json) }
        router.only(.get, "/openapi.yaml") { _, _ in Response(text: try yaml.get(), mediaType: MediaType.yaml) }
        router.only(.get, "/openapi-action.json") { _, _ in Response(text: actionJSON, mediaType: MediaType.json) }
        router.only(.get, "/docs") { _, _ in
            var response = Response(text: page, mediaType: MediaType.html)
            response.headers[.contentSecurityPolicy] = Self.pagePolicy
            return response
        }
        router.only(.get, "/docs.css") { _, _ in Response(text: ReferenceStyle.css, mediaType: MediaType.css) }
    }

    /// The page has a style sheet of this gateway's, and nothing else.
    private static let pagePolicy =
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private enum MediaType {
        static let json = "application/json"
        static let yaml = "application/yaml"
        static let html = "text/html"
        static let css = "text/css"
    }
}

extension Response {
    /// A text in UTF-8.
    fileprivate init(text: String, mediaType: String) {
        var headers = HTTPFields()
        headers[.contentType] = "\(mediaType); charset=utf-8"
        self.init(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

extension DocumentationRoutes {
    static let operations = [
        operation(
            "/openapi.json", id: "openAPIJSON", summary: "This interface as an OpenAPI 3.1 document.",
            description: "Every route, field, example and error code.",
            reply: .init(description: "The document.", schema: document)),
        operation(
            "/openapi.yaml", id: "openAPIYAML", summary: "The same as YAML.",
            description: "For people and their editors.",
            reply: .init(description: "The document.", content: [(MediaType.yaml, document)])),
        operation(
            "/openapi-action.json", id: "openAPIAction", summary: "What a GPT's action imports.",
            description: "The routes that a GPT needs and nothing else, within the limits that GPT actions set.",
            reply: .init(description: "The document.", schema: document)),
        operation(
            "/docs", id: "reference", summary: "This interface as a page for people.",
            description: "Made of the same document; needs no script and nothing from elsewhere.",
            reply: .init(description: "The page.", mediaType: MediaType.html, example: "<!DOCTYPE html>")),
        operation(
            "/docs.css", id: "referenceStyle", summary: "The style sheet of the reference page.",
            description: "Light or dark, as the reader's system is.",
            reply: .init(
                description: "The style sheet.", mediaType: MediaType.css,
                example: ":root { color-scheme: light dark; }")),
    ]

    private static let document = Schema.object(
        "An OpenAPI document.",
        [
            .required("openapi", .string("Version of the format.", example: "3.1.0")),
            .required("info", .object("Title and description.", [], isOpen: true)),
            .required("paths", .object("The routes.", [], isOpen: true)),
        ], isOpen: true)

    private static func operation(
        _ path: String, id: String, summary: String, description: String, reply: APIOperation.Reply
    ) -> APIOperation {
        APIOperation(
            method: .get, path: path, id: id, summary: summary, description: description, group: .documentation,
            parameters: [.requestID], replies: [reply])
    }
}
