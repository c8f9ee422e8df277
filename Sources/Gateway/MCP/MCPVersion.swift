import HTTPTypes

/// The revisions of the Model Context Protocol that are spoken.
///
/// Up to 2025-11-25 a client shakes hands with `initialize` and then names the revision in a header. From 2026-07-28 on
/// each request stands alone: it carries the revision and the client's capabilities in `params._meta`, and repeats in
/// headers what a proxy routes by. There is no state either way, so that any replica answers any request.
enum MCPVersion: String, CaseIterable, Sendable {
    case march2025 = "2025-03-26"
    case june2025 = "2025-06-18"
    case november2025 = "2025-11-25"
    case july2026 = "2026-07-28"

    var isStateless: Bool { self == .july2026 }

    /// What `initialize` offers to a client that asks for a revision that is not spoken.
    static let latestWithHandshake = november2025

    private static let declaredVersion: StaticString = "io.modelcontextprotocol/protocolVersion"
    private static let clientCapabilities: StaticString = "io.modelcontextprotocol/clientCapabilities"

    /// The revision that a message is in, from its header and `params._meta`.
    static func of(_ message: RPCMessage, _ headers: HTTPFields) throws(RPCError) -> MCPVersion {
        let meta = try message.params.object("_meta").fields([declaredVersion, clientCapabilities]).fields
        let declared = meta["\(declaredVersion)"]
        guard let header = headers[.mcpProtocolVersion] else {
            guard declared == nil else {
                throw RPCError(code: .headerMismatch, message: "the header MCP-Protocol-Version is missing")
            }
            // What the specification says of clients without the header.
            return .march2025
        }
        guard let version = MCPVersion(rawValue: header) else { throw unsupported(header) }
        guard version.isStateless, message.id != nil else { return version }
        guard let declared, meta["\(clientCapabilities)"] != nil else {
            throw RPCError(
                code: .invalidParams, message: "params._meta must hold \(declaredVersion) and \(clientCapabilities)")
        }
        guard declared == .string(header) else {
            throw mismatch("MCP-Protocol-Version", "\(declaredVersion) in params._meta")
        }
        guard headers[.mcpMethod] == message.method else { throw mismatch("Mcp-Method", "method") }
        if message.method == "tools/call", case .string(let name) = try message.params.fields(["name"]).fields["name"] {
            guard headers[.mcpName] == name else { throw mismatch("Mcp-Name", "params.name") }
        }
        return version
    }

    private static func unsupported(_ requested: String) -> RPCError {
        RPCError(
            code: .unsupportedVersion, message: "Unsupported protocol version",
            data: [
                "supported": .array(allCases.reversed().map { .string($0.rawValue) }),
                "requested": .string(String(requested.prefix(40))),
            ])
    }

    private static func mismatch(_ header: String, _ field: String) -> RPCError {
        RPCError(code: .headerMismatch, message: "the header \(header) must say the same as \(field)")
    }
}

extension HTTPField.Name {
    // The names are valid tokens, so the fallbacks are never taken.
    static let mcpProtocolVersion = HTTPField.Name("MCP-Protocol-Version") ?? .from
    static let mcpMethod = HTTPField.Name("Mcp-Method") ?? .from
    static let mcpName = HTTPField.Name("Mcp-Name") ?? .from
}
