import Testing

@testable import Gateway

@Suite struct `A trace context` {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00f067aa0ba902b7"

    @Test(arguments: [
        ("00-\(trace)-\(parent)-01", true), ("00-\(trace)-\(parent)-00", false), ("00-\(trace)-\(parent)-03", true),
        ("cc-\(trace)-\(parent)-01", true), ("cc-\(trace)-\(parent)-01-what-comes-later", true),
    ])
    func `continues its caller's trace with a span of its own`(header: String, isSampled: Bool) throws {
        let context = try #require(TraceContext.continuing(header))
        #expect(context.traceID == Self.trace)
        #expect(context.spanID != Self.parent)
        #expect(context.header == "00-\(Self.trace)-\(context.spanID)-\(isSampled ? "01" : "00")")
        #expect(TraceContext.continuing(context.header) != nil, "what we send would be taken")
        #expect(TraceContext.continuing(header) != context, "each request has its own span")
    }

    @Test(
        arguments: [
            nil, "", "00", "00-\(trace)-\(parent)", "00-\(trace)-\(parent)-1", "00-\(trace)-\(parent)-01-",
            "00-\(trace)-\(parent)-01-more", "cc-\(trace)-\(parent)-01more", "ff-\(trace)-\(parent)-01",
            "00-\(trace.uppercased())-\(parent)-01", "00-\(trace)-\(parent)-0g", "0g-\(trace)-\(parent)-01",
            "00_\(trace)-\(parent)-01", "00-00000000000000000000000000000000-\(parent)-01",
            "00-\(trace)-0000000000000000-01", " 00-\(trace)-\(parent)-01", "00-\(trace)-\(parent)-01, 00-x",
            "00-\(trace.dropLast())\u{e9}-\(parent)-01",
        ] as [String?])
    func `is none where the header is not exactly right`(header: String?) {
        #expect(TraceContext.continuing(header) == nil)
    }
}
