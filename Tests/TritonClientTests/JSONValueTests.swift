import Testing

@testable import TritonClient

@Suite("JSON of replies")
struct JSONValueTests {
    private func parse(_ text: String) throws(TritonError) -> JSONValue {
        try JSONValue(parsing: Array(text.utf8)[...])
    }

    @Test("values are read as RFC 8259 has them")
    func valid() throws {
        #expect(try parse(" null ") == .null)
        #expect(try parse("[true,false]") == .array([.bool(true), .bool(false)]))
        #expect(try parse("-0") == .integer(0))
        #expect(try parse("-9223372036854775808") == .integer(.min))
        #expect(try parse("9223372036854775808") == .decimal("9223372036854775808"))
        #expect(try parse("-1.50e+3") == .decimal("-1.50e+3"))
        #expect(try parse(#""\"\\\/\b\f\n\r\t\u00e9\ud83D\uDE00é""#) == .string("\"\\/\u{8}\u{C}\n\r\té😀é"))
        #expect(try parse(#""\u0000""#) == .string("\u{0}"))
        #expect(
            try parse("{ \"a\" : [ ] ,\r\n\t\"b\":{}}")
                == .object([.init(key: "a", value: .array([])), .init(key: "b", value: .object([]))]))
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", " ", "nul", "truex", "TRUE", "+1", "01", "-", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity", "'a'",
            "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
            "\"\\udc00\"", "\"\n\"", "\"\u{0}\"", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{\"a\"", "{\"a\":",
            "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}", "1 1", "{}{}", "\u{FEFF}{}",
            "// c\n1",
        ])
    func invalid(_ text: String) {
        #expect(throws: TritonError.self) { try parse(text) }
    }

    @Test("bytes that are not UTF-8 are refused in a string", arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]])
    func notUTF8(_ bytes: [UInt8]) {
        #expect(throws: TritonError.self) { try JSONValue(parsing: ([0x22] + bytes + [0x22])[...]) }
    }

    @Test("nesting is bounded, however deep it goes")
    func depth() throws {
        let limit = JSONValue.maximumDepth
        let deepest = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
        #expect(throws: Never.self) { try parse(deepest) }
        #expect(throws: TritonError.self) { try parse("[" + deepest + "]") }
        #expect(throws: TritonError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: TritonError.self) { try parse(String(repeating: "{\"a\":", count: 1_000_000)) }
    }

    @Test("a key that is looked up must be there once")
    func duplicates() throws {
        let object = try parse(#"{"a":1,"b":2,"a":3}"#)
        #expect(try object.member("b") == .integer(2))
        #expect(try object.member("c") == nil)
        #expect(throws: TritonError.self) { try object.member("a") }
    }

    @Test("a long key of out-of-order combining marks costs linear time")
    func hostileKey() throws {
        let key = "a" + String(repeating: "\u{0301}\u{0323}", count: 100_000)
        let begin = ContinuousClock.now
        let object = try parse("{\"\(key)\":1,\"\(key)\":2}")
        #expect(try object.member("b") == nil)
        // Quadratic code takes minutes for this.
        #expect(begin.duration(to: .now) < .seconds(5))
    }

    @Test("Triton's model configuration gives the part that is kept")
    func configuration() throws {
        let json = try parse(
            #"""
            {"name":"ebm","platform":"onnxruntime_onnx","backend":"onnxruntime","max_batch_size":32,
             "dynamic_batching":{"priority_queue_policy":{}},
             "parameters":{"a":{"string_value":"1"},"b":{"string_value":"[\"x\"]"},"c":{}}}
            """#)
        #expect(
            try ModelConfiguration(json)
                == ModelConfiguration(
                    name: "ebm", platform: "onnxruntime_onnx", backend: "onnxruntime", maxBatchSize: 32,
                    parameters: ["a": "1", "b": "[\"x\"]"]))
        #expect(throws: TritonError.self) { try ModelConfiguration(parse(#"{"name":"ebm","max_batch_size":-1}"#)) }
    }
}
