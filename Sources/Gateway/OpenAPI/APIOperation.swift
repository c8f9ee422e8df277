import HTTPTypes

/// What a route does, in the terms of OpenAPI: every route has one, in an extension beside it.
struct APIOperation: Sendable {
    var method: HTTPRequest.Method
    /// As the router has it, parameters in braces.
    var path: String
    /// The `operationId`: also the name by which a GPT knows the action.
    var id: String
    /// At most 300 characters, as GPT actions demand; `description` likewise.
    var summary: String
    var description: String
    var group: Group
    var parameters: [Parameter] = []
    var requestBody: RequestBody?
    /// Replies that are no errors.
    var replies: [Reply]
    /// Errors of its own; see `allErrors`.
    var errors: [GatewayError.Code] = []
    /// Whether it is in the narrower document that a GPT imports.
    var isAction = false

    /// The parts of the reference.
    enum Group: String, CaseIterable, Sendable {
        case analysis = "Analysis"
        case models = "Models and features"
        case health = "Health"
        case assistants = "Assistants"
        case documentation = "Documentation"
        case pages = "Pages"

        var description: String {
            switch self {
            case .analysis: "An essay in, a verdict out."
            case .models: "What answers, and what it looks at."
            case .health: "For load balancers and people on call."
            case .assistants: "For assistants that speak the Model Context Protocol."
            case .pages: "For people, in a browser."
            case .documentation: "This interface, described for programs and for people."
            }
        }
    }

    struct Parameter: Sendable {
        enum Place: String, Sendable {
            case path, query, header
        }

        var name: String
        var place: Place
        /// At most 700 characters, as GPT actions demand.
        var description: String
        var schema: Schema
        var isRequired = false
    }

    struct RequestBody: Sendable {
        var description: String
        var schema: Schema
        var mediaType = "application/json"
    }

    struct Reply: Sendable {
        var status: Int
        var description: String
        /// By media type; a reply without a body has none.
        var content: [(mediaType: String, schema: Schema)]

        init(status: Int = 200, description: String, content: [(mediaType: String, schema: Schema)]) {
            (self.status, self.description, self.content) = (status, description, content)
        }

        /// In JSON.
        init(status: Int = 200, description: String, schema: Schema) {
            self.init(status: status, description: description, content: [("application/json", schema)])
        }

        /// A page or a file for people.
        init(description: String, mediaType: String, example: String) {
            self.init(
                description: description, content: [(mediaType, .string("The file.", example: example))])
        }
    }

    /// With those that any route may give.
    /// - Parameter needsKey: whether a key is asked for.
    func allErrors(needsKey: Bool) -> [GatewayError.Code] {
        let common: [GatewayError.Code] = [.malformedRequest, .internalError]
        let withBody: [GatewayError.Code] = [.bodyTimeout, .bodyTooLarge]
        let withKey: [GatewayError.Code] = [.unauthorized, .rateLimited, .tooManyAtOnce]
        let declared = common + (requestBody == nil ? [] : withBody) + (needsKey ? withKey : []) + errors
        return GatewayError.Code.allCases.filter(declared.contains)
    }
}
