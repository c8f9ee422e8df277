/// A request's place in a distributed trace (W3C Trace Context, level 1): the caller's trace, and a span of our own in it.
///
/// It goes with the task, so that it reaches every call to Triton that a request causes without being handed through.
struct TraceContext: Sendable, Equatable {
    /// 32 hexadecimal digits in lower case.
    var traceID: String
    /// Of this gateway's span, 16 digits likewise.
    var spanID: String
    /// Whether the caller records the trace.
    var isSampled: Bool

    /// Of the request that the current task serves; nil where its caller sent none.
    @TaskLocal static var current: TraceContext?

    /// `traceparent` for those whom we call.
    var header: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    /// Reads the caller's `traceparent` and makes a span in its trace.
    /// - Returns: nil where the header is absent, or not exactly as the specification has it: then there is no trace.
    static func continuing(_ header: String?) -> TraceContext? {
        guard let bytes = header.map({ Array($0.utf8) }), bytes.count >= 55 else { return nil }
        let parts = [bytes[0..<2], bytes[3..<35], bytes[36..<52], bytes[53..<55]]
        guard parts.allSatisfy({ $0.allSatisfy(isLowercaseHex) }),
            [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") })
        else { return nil }
        let (version, trace, parent, flags) = (parts[0], parts[1], parts[2], parts[3])
        // Version ff is forbidden; those after 00 may say more, behind another dash.
        guard !version.elementsEqual("ff".utf8),
            bytes.count == 55 || (!version.elementsEqual("00".utf8) && bytes[55] == UInt8(ascii: "-"))
        else { return nil }
        guard ![trace, parent].contains(where: { $0.allSatisfy { $0 == UInt8(ascii: "0") } }),
            let bits = UInt8(String(decoding: flags, as: UTF8.self), radix: 16)
        else { return nil }
        return TraceContext(
            traceID: String(decoding: trace, as: UTF8.self), spanID: makeSpanID(), isSampled: bits & 1 == 1)
    }

    private static func isLowercaseHex(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }

    private static func makeSpanID() -> String {
        // All zeros mean 'no span'.
        Hexadecimal.text(UInt64.random(in: 1...UInt64.max))
    }
}
