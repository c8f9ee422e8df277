import Testing

@testable import Gateway

@Suite struct `Strict JSON` {
    private func fields(_ json: String) throws -> [String: StrictJSON.Value] {
        try StrictJSON.object(Array(json.utf8), keys: ["id", "text"]).fields
    }

    private func reason(_ bytes: [UInt8]) -> StrictJSON.Failure.Reason? {
        do {
            _ = try StrictJSON.object(bytes, keys: ["id", "text"])
            return nil
        } catch {
            return error.reason
        }
    }

    private func reason(_ json: String) -> StrictJSON.Failure.Reason? {
        reason(Array(json.utf8))
    }

    @Test func `reads the named fields and skips the others`() throws {
        let json = #" {"a": [1, {"b": "]}"}, -2.5e+3], "text": "x", "id": 17, "z": true, "y": null} "#
        let (fields, unknown) = try StrictJSON.object(Array(json.utf8), keys: ["id", "text"])
        #expect(fields == ["text": .string("x"), "id": .number("17")])
        #expect(unknown == 3)
    }

    @Test func `resolves every escape`() throws {
        let json = #"{"text": "\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\ude00"}"#
        #expect(try fields(json) == ["text": .string("\"\\/\u{8}\u{C}\n\r\té€😀")])
    }

    @Test func `keeps what is not normalised`() throws {
        let decomposed = "e\u{301}\u{323} \u{FEFF}\u{200B}"
        guard case .string(let text) = try fields(#"{"text": "\#(decomposed)"}"#)["text"] else {
            Issue.record("no text")
            return
        }
        #expect(Array(text.unicodeScalars) == Array(decomposed.unicodeScalars))
    }

    @Test func `NUL is a character only where the caller says so`() throws {
        let body = Array(#"{"text": "a\u0000b"}"#.utf8)
        #expect(reason(body) == .nulCharacter)
        #expect(try StrictJSON.object(body, keys: ["text"], allowsNUL: true).fields == ["text": .string("a\0b")])
    }

    @Test func `a field that is not there is told from null and from other types`() throws {
        #expect(try fields("{}") == [:])
        #expect(try fields(#"{"text": null}"#) == ["text": .null])
        #expect(try fields(#"{"text": 1e3}"#) == ["text": .number("1e3")])
        #expect(try fields(#"{"text": ["x"]}"#) == ["text": .array(9..<14)])
        #expect(try fields(#"{"text": false}"#) == ["text": .other])
    }

    @Test func `an object inside is read where it lies, and failures keep counting from the start`() throws {
        let body = Array(#"{"id": 1, "text": {"id": "é", "text": {}, "z": [0]}}"#.utf8)
        guard case .object(let range) = try StrictJSON.object(body, keys: ["text"]).fields["text"] else {
            Issue.record("no object")
            return
        }
        let (fields, unknown) = try StrictJSON.object(body, in: range, keys: ["id", "text"])
        #expect(fields["id"] == .string("é"))
        #expect(unknown == 1)
        let twice = Array(#"{"text": {"id": 1, "id": 2}}"#.utf8)
        #expect(throws: StrictJSON.Failure(reason: .duplicateKey, offset: 25)) {
            _ = try StrictJSON.object(twice, in: 9..<27, keys: ["id"])
        }
    }

    @Test(arguments: [
        ("", StrictJSON.Failure.Reason.empty), ("  ", .empty), ("[]", .notAnObject), (#""text""#, .notAnObject),
        ("{", .unexpectedEnd), (#"{"text""#, .unexpectedEnd), (#"{"text":"#, .unexpectedEnd),
        (#"{"text":"x"#, .unexpectedEnd), (#"{"text":"x""#, .unexpectedEnd), (#"{"text":tru"#, .unexpectedEnd),
        (#"{"text":"x",}"#, .unexpectedByte), (#"{text:"x"}"#, .unexpectedByte), (#"{'text':'x'}"#, .unexpectedByte),
        (#"{"text":NaN}"#, .unexpectedByte), (#"{"text":01}"#, .unexpectedByte), (#"{"text":+1}"#, .unexpectedByte),
        (#"{"text":1.}"#, .unexpectedByte), (#"{"text":"\x"}"#, .unexpectedByte),
        (#"{"text":"\u12G4"}"#, .unexpectedByte),
        (#"{"text":"x"}{}"#, .trailingBytes), (#"{"text":"x"} x"#, .trailingBytes),
        (#"{"text":"x","text":"y"}"#, .duplicateKey), (#"{"text":"x","te\u0078t":"y"}"#, .duplicateKey),
        (#"{"text":"\ud800"}"#, .loneSurrogate), (#"{"text":"\ud800x"}"#, .loneSurrogate),
        (#"{"text":"\ude00"}"#, .loneSurrogate), (#"{"text":"\ud800\u0041"}"#, .loneSurrogate),
        (#"{"text":"\u0000"}"#, .nulCharacter), ("{\"text\":\"a\u{0}\"}", .nulCharacter),
        ("{\"text\":\"a\nb\"}", .controlCharacter), ("{\"te\u{1}xt\":\"\"}", .controlCharacter),
    ])
    func `refuses what is not one well-formed object`(json: String, expected: StrictJSON.Failure.Reason) {
        #expect(reason(json) == expected)
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xE2, 0x82],
        ] as [[UInt8]])
    func `refuses invalid UTF-8 in values and in keys`(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(reason(Array(#"{"text":""#.utf8) + bytes + [quote, UInt8(ascii: "}")]) == .invalidUTF8)
        #expect(reason([UInt8(ascii: "{"), quote] + bytes + Array(#"":1}"#.utf8)) == .invalidUTF8)
    }

    @Test func `refuses byte order marks and other encodings`() {
        #expect(reason([0xEF, 0xBB, 0xBF] + Array("{}".utf8)) == .byteOrderMark)
        #expect(reason([0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00]) == .byteOrderMark)
        #expect(reason([0xFE, 0xFF, 0x00, 0x7B, 0x00, 0x7D]) == .byteOrderMark)
        #expect(reason([0x7B, 0x00, 0x7D, 0x00]) == .unexpectedByte)
    }

    @Test func `nesting and the number of fields are bounded`() {
        func nested(_ depth: Int) -> String {
            #"{"a":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        #expect(reason(nested(15)) == nil)
        #expect(reason(nested(16)) == .tooDeep)
        #expect(reason(nested(100_000)) == .tooDeep)
        #expect(reason(String(repeating: #"{"a":"#, count: 100_000)) == .tooDeep)
        func wide(_ count: Int) -> String {
            "{" + (0..<count).map { #""k\#($0)":1"# }.joined(separator: ",") + "}"
        }
        #expect(reason(wide(32)) == nil)
        #expect(reason(wide(33)) == .tooManyKeys)
    }

    /// Foundation hashes unknown keys and needs minutes for this one; here every byte is looked at once.
    @Test func `a key of combining marks costs no more than one of letters`() throws {
        let clock = ContinuousClock()
        let marks = String(repeating: "\u{301}\u{323}", count: 200_000)
        let letters = String(repeating: "abcd", count: 200_000)
        func cost(_ key: String) throws -> Duration {
            let body = Array("{\"\(key)\":1,\"text\":\"\(key)\"}".utf8)
            // The best of three: something else may have had the machine meanwhile.
            let times = try (0..<3).map { _ in
                try clock.measure { _ = try StrictJSON.object(body, keys: ["id", "text"]) }
            }
            return times.min() ?? .zero
        }
        _ = try cost(letters)
        #expect(try cost(marks) < cost(letters) * 20 + .milliseconds(200))
    }

    @Test func `failures give a byte offset and never the input`() {
        do {
            _ = try StrictJSON.object(Array(#"{"secret": oops}"#.utf8), keys: ["text"])
            Issue.record("accepted")
        } catch {
            #expect(error.offset == 11)
            #expect(!GatewayError(error).message.contains("oops"))
        }
    }

    /// No input, however damaged, may trap, and what is accepted must be what a lenient reader sees too.
    @Test func `damaged bodies are refused or read, never trapped on`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SplitMix(state: seed)
        let valid = Array(#"{"id":"a\u00e9\ud83d\ude00","text":"It's – naïve\n","x":[1,{"y":-2e3}],"z":null}"#.utf8)
        var refused = 0
        for _ in 0..<20_000 {
            var body = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<body.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: body[place] = UInt8.random(in: 0...255, using: &random)
                case 1: body.remove(at: place)
                default: body.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            if reason(body) != nil { refused += 1 }
        }
        #expect(refused > 5_000)
    }
}

/// A small generator whose seed can be printed and put back in.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
