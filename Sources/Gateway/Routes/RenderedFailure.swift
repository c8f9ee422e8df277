import Hummingbird

/// A failure that is answered in the form of the route's own protocol, not as `ErrorReply`.
protocol RenderedFailure: Error {
    /// What the log and whoever counts failures go by.
    var failure: GatewayError { get }

    func response() throws -> Response
}
