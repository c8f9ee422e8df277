import Hummingbird

/// Where every route hands in its essays, so that the same rules hold for all: none while shutting down, a place in
/// the admission, a deadline that counts from the request's head, and an end when the client leaves.
struct AnalysisDesk: Sendable {
    let rollout: Rollout
    let admission: Admission
    let drain: DrainState
    let limits: GatewayConfiguration.Limits

    /// Refuses what has no chance, before its body is read where the route alone says that an essay comes.
    func refuseEarly() throws(GatewayError) {
        try refuseIfDraining()
        try admission.refuseIfFull()
    }

    func refuseIfDraining() throws(GatewayError) {
        guard !drain.isDraining else {
            throw GatewayError(.shuttingDown, "the gateway is shutting down; try again", retryAfter: 5)
        }
    }

    func analyze(_ text: String, _ context: GatewayContext) async throws -> Analysis {
        let analysis = try await admission.admitted {
            let deadline = context.arrival.advanced(by: limits.deadline)
            let (rollout, requestID) = (rollout, context.requestID)
            return try await presence(context).whilePresent {
                try await rollout.analyze(text, requestID: requestID, deadline: deadline)
            }
        }
        context.notes.note(analysis)
        return analysis
    }

    /// The connection's `ClientPresence`; a fresh one where there is no connection (in-process tests).
    func presence(_ context: GatewayContext) async -> ClientPresence {
        let found = context.channel.pipeline.handler(type: ConnectionGuard.self).map(\.presence)
        return (try? await found.get()) ?? ClientPresence()
    }
}
