import Hummingbird
import NIOCore

/// What belongs to one HTTP request.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// The caller's `X-Request-Id` where it is harmless, else one of ours.
    var requestID: String = ""
    /// Shared by every copy of the context.
    let notes = RequestNotes()
    /// The place that the request holds among those of its key; nil where no key was asked for.
    var key: KeyPlace?
    /// When the request's head had been read.
    let arrival: ContinuousClock.Instant

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        arrival = .now
    }
}

/// Makes and checks request ids.
enum RequestID {
    /// Letters, digits, `.`, `_` and `-`, at most 64 of them: safe in logs, headers and Triton's own logs.
    static func accept(_ given: String?) -> String {
        guard let given, isAcceptable(given) else { return make() }
        return given
    }

    static func isAcceptable(_ given: String) -> Bool {
        (1...64).contains(given.utf8.count) && given.utf8.allSatisfy(isHarmless)
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func make() -> String {
        Hexadecimal.text(UInt64.random(in: 0...UInt64.max))
    }
}
