import HTTPTypes
import Hummingbird

/// `POST /mcp`: the Model Context Protocol over streamable HTTP, with a JSON reply to each message and no stream.
struct MCPRoutes: Sendable {
    let desk: AnalysisDesk
    let origins: OriginPolicy

    func add(to router: Router<GatewayContext>) {
        let server = MCPServer(desk: desk)
        router.only(.post, "/mcp") { request, context in
            let message = try await read(request)
            var isStateless = true
            do {
                let version = try MCPVersion.of(message, request.headers)
                isStateless = version.isStateless
                // Nothing depends on a client's notifications: a request is cancelled by closing its connection.
                guard let id = message.id else { return Response(status: .accepted) }
                let result = try await server.answer(message, version, context)
                return try Self.response(RPCReply(id: id, outcome: .success(result)), result)
            } catch let error as RPCError {
                throw MCPFailure(id: message.id ?? .null, error, isStateless: isStateless)
            }
        }
    }

    private func read(_ request: Request) async throws -> RPCMessage {
        do {
            try origins.check(request.headers[.origin])
            let bytes = try await JSONBody(maxBytes: desk.limits.maxBodyBytes).bytes(of: request)
            return try RPCMessage(bytes)
        } catch let error as GatewayError {
            throw MCPFailure(refusal: error)
        } catch let unreadable as RPCMessage.Unreadable {
            throw MCPFailure(id: unreadable.id, unreadable.error, isStateless: true)
        }
    }

    /// A tool's failure is a result to the client and a failure to the log.
    private static func response(_ reply: RPCReply, _ result: MCPResult) throws -> Response {
        if let failure = (result.body as? ToolReply)?.failure {
            throw MCPFailure(failure: failure, status: .ok, reply: reply)
        }
        return try Response(json: reply)
    }
}

/// A message that failed: a JSON-RPC reply to the client, a `GatewayError` to the log.
struct MCPFailure: RenderedFailure {
    var failure: GatewayError
    var status: HTTPResponse.Status
    var reply: RPCReply

    func response() throws -> Response { try Response(json: reply, status: status) }
}

extension MCPFailure {
    /// Refused before the message was read.
    init(refusal: GatewayError) {
        let error = RPCError(code: .refused, message: refusal.message, data: ["code": .string(refusal.code.rawValue)])
        self.init(
            failure: refusal, status: .init(code: refusal.code.status),
            reply: RPCReply(id: .null, outcome: .failure(error)))
    }

    /// - Parameter isStateless: whether the status shows errors in the method and its parameters, as it does from
    ///   2026-07-28 on; before, they come with 200.
    init(id: RPCID, _ error: RPCError, isStateless: Bool) {
        let code: GatewayError.Code
        switch error.code {
        case .parseError: code = .malformedJSON
        case .methodNotFound: code = .notFound
        case .invalidRequest, .invalidParams, .headerMismatch, .unsupportedVersion, .refused: code = .malformedRequest
        }
        self.init(
            failure: GatewayError(code, error.message), status: isStateless ? .init(code: code.status) : .ok,
            reply: RPCReply(id: id, outcome: .failure(error)))
    }
}
