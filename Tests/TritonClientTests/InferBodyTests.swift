import Foundation
import Testing

@testable import TritonClient

/// Bodies as tritonclient 2.50 writes and reads them (Fixtures/make_fixtures.py).
struct BodyFixtures: Decodable {
    struct Item: Decodable, CustomTestStringConvertible {
        var name: String
        var datatype: String
        var shape: [Int]
        var hex: String

        var testDescription: String { name }
    }

    struct Request: Decodable, CustomTestStringConvertible {
        var `case`: String
        var id: String
        var inputs: [Item]
        var outputs: [String]
        var json_length: Int
        var body_hex: String

        var testDescription: String { `case` }
    }

    struct Reply: Decodable, CustomTestStringConvertible {
        var `case`: String
        var id: String
        var json_length: Int
        var body_hex: String
        var outputs: [Item]

        var testDescription: String { `case` }
    }

    var requests: [Request]
    var replies: [Reply]

    static func load() throws -> BodyFixtures {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/infer_bodies.json")
        return try JSONDecoder().decode(BodyFixtures.self, from: Data(contentsOf: file))
    }
}

func bytes(hex: String) -> [UInt8] {
    let digits = Array(hex.utf8).map { $0 <= UInt8(ascii: "9") ? $0 - 0x30 : $0 - 0x57 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

private func tensors(_ items: [BodyFixtures.Item]) throws -> [Tensor] {
    try items.map { item in
        Tensor(
            name: item.name, datatype: try #require(Datatype(rawValue: item.datatype)), shape: item.shape,
            bytes: bytes(hex: item.hex))
    }
}

@Suite("Binary tensor data bodies")
struct InferBodyTests {
    @Test("a request is byte for byte what tritonclient sends", arguments: try BodyFixtures.load().requests)
    func requestGolden(_ fixture: BodyFixtures.Request) throws {
        let request = InferRequest(
            model: "m", id: fixture.id, inputs: try tensors(fixture.inputs), outputs: fixture.outputs)
        try ReplyValidation.checked(request)
        let (body, jsonLength) = InferBody.encode(request)
        #expect(jsonLength == fixture.json_length)
        #expect(body == bytes(hex: fixture.body_hex))
    }

    @Test("a reply holds what tritonclient reads from it", arguments: try BodyFixtures.load().replies)
    func replyGolden(_ fixture: BodyFixtures.Reply) throws {
        let outputs = try tensors(fixture.outputs)
        let request = InferRequest(model: "m", id: fixture.id, inputs: [], outputs: outputs.map(\.name))
        let response = try ReplyValidation.checked(
            InferBody.decode(bytes(hex: fixture.body_hex), jsonLength: "\(fixture.json_length)"), for: request)
        #expect(response == InferResponse(model: "m", version: "1", id: fixture.id, outputs: outputs))
    }

    @Test("a reply with any one byte changed, cut or added is read or refused, never a trap")
    func mutations() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("InferBodyTests.mutations seed \(seed)")
        var random = SeededRandom(seed)
        for fixture in try BodyFixtures.load().replies {
            let original = bytes(hex: fixture.body_hex)
            let request = InferRequest(
                model: "m", id: fixture.id, inputs: [], outputs: fixture.outputs.map(\.name))
            for _ in 0..<1000 {
                // Other tests wait for this thread.
                await Task.yield()
                var body = original
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    body[Int.random(in: 0..<body.count, using: &random)] = .random(in: .min ... .max, using: &random)
                case 1: body.remove(at: Int.random(in: 0..<body.count, using: &random))
                default: body.insert(UInt8(ascii: "9"), at: Int.random(in: 0...body.count, using: &random))
                }
                let length = fixture.json_length + Int.random(in: -1...1, using: &random)
                guard
                    let response = try? ReplyValidation.checked(
                        InferBody.decode(body, jsonLength: "\(length)"), for: request)
                else { continue }
                for output in response.outputs {
                    let count = try #require(ReplyValidation.elementCount(output.shape))
                    if let width = output.datatype.byteWidth { #expect(output.bytes.count == count * width) }
                }
            }
        }
    }

    /// A reply with one output `logits`, FP32 [1,2], spoilt by the arguments.
    struct Spoilt: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var output = #"{"name":"logits","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}"#
        var head = #""model_name":"m","model_version":"1""#
        var tensorByteCount = 8
        var jsonLength: String?
    }

    static let spoilt: [Spoilt] = [
        .init(testDescription: "shorter than announced", tensorByteCount: 7),
        .init(testDescription: "bytes after the last output", tensorByteCount: 9),
        .init(testDescription: "no bytes at all", tensorByteCount: 0),
        .init(testDescription: "JSON length cuts the JSON", jsonLength: "20"),
        .init(testDescription: "JSON length beyond the body", jsonLength: "100000"),
        .init(testDescription: "JSON length beyond 64 bits", jsonLength: "99999999999999999999999999"),
        .init(testDescription: "JSON length Int.max", jsonLength: "9223372036854775807"),
        .init(testDescription: "JSON length negative", jsonLength: "-1"),
        .init(testDescription: "JSON length signed", jsonLength: "+150"),
        .init(testDescription: "JSON length empty", jsonLength: ""),
        .init(testDescription: "JSON length zero", jsonLength: "0"),
        .init(
            testDescription: "shape product differs",
            output: #"{"name":"logits","datatype":"FP32","shape":[2,2],"parameters":{"binary_data_size":8}}"#),
        .init(
            testDescription: "shape product overflows",
            output:
                #"{"name":"logits","datatype":"FP32","shape":[4611686018427387904,4],"parameters":{"binary_data_size":8}}"#
        ),
        .init(
            testDescription: "shape product × width overflows",
            output:
                #"{"name":"logits","datatype":"FP32","shape":[4611686018427387904],"parameters":{"binary_data_size":8}}"#
        ),
        .init(
            testDescription: "negative dimensions",
            output: #"{"name":"logits","datatype":"FP32","shape":[-1,-2],"parameters":{"binary_data_size":8}}"#),
        .init(
            testDescription: "fraction in a shape",
            output: #"{"name":"logits","datatype":"FP32","shape":[1,2.0],"parameters":{"binary_data_size":8}}"#),
        .init(
            testDescription: "size negative",
            output: #"{"name":"logits","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":-8}}"#),
        .init(
            testDescription: "size beyond 64 bits",
            output: #"{"name":"logits","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":1e30}}"#),
        .init(
            testDescription: "size twice",
            output:
                #"{"name":"logits","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8,"binary_data_size":8}}"#
        ),
        .init(
            testDescription: "values in JSON",
            output: #"{"name":"logits","datatype":"FP32","shape":[1,2],"data":[1,2]}"#, tensorByteCount: 0),
        .init(
            testDescription: "unknown datatype",
            output: #"{"name":"logits","datatype":"FP31","shape":[1,2],"parameters":{"binary_data_size":8}}"#),
        .init(
            testDescription: "another datatype of the same shape",
            output: #"{"name":"logits","datatype":"FP64","shape":[1,2],"parameters":{"binary_data_size":8}}"#),
        .init(
            testDescription: "BYTES elements cut short",
            output: #"{"name":"logits","datatype":"BYTES","shape":[1,2],"parameters":{"binary_data_size":8}}"#),
        .init(
            testDescription: "another output",
            output: #"{"name":"logitz","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}"#),
        .init(testDescription: "no output", output: "", tensorByteCount: 0),
        .init(
            testDescription: "output twice",
            output: #"""
                {"name":"logits","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}},
                {"name":"logits","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}
                """#),
        .init(
            testDescription: "one output too many",
            output: #"""
                {"name":"logits","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}},
                {"name":"scores","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}
                """#),
        .init(testDescription: "another model", head: #""model_name":"n","model_version":"1""#),
        .init(testDescription: "another version", head: #""model_name":"m","model_version":"2""#),
        .init(testDescription: "another id", head: #""model_name":"m","model_version":"1","id":"x""#),
        .init(testDescription: "no model name", head: #""model_version":"1""#),
    ]

    @Test("a reply that does not fit together is refused", arguments: spoilt)
    func refused(_ spoilt: Spoilt) throws {
        let json = "{\(spoilt.head),\"outputs\":[\(spoilt.output)]}"
        let body = Array(json.utf8) + [UInt8](repeating: 0x7F, count: spoilt.tensorByteCount)
        let request = InferRequest(model: "m", version: "1", inputs: [], outputs: ["logits"])
        #expect {
            _ = try ReplyValidation.checked(
                InferBody.decode(body, jsonLength: spoilt.jsonLength ?? "\(json.utf8.count)"), for: request)
        } throws: { error in
            if case TritonError.invalidResponse = error { true } else { false }
        }
    }

    @Test("the reply that the spoilt ones are made from is taken")
    func unspoilt() throws {
        let right = Spoilt(testDescription: "")
        let json = "{\(right.head),\"outputs\":[\(right.output)]}"
        let body = Array(json.utf8) + [UInt8](repeating: 0x7F, count: 8)
        let request = InferRequest(model: "m", version: "1", inputs: [], outputs: ["logits"])
        let response = try ReplyValidation.checked(
            InferBody.decode(body, jsonLength: "\(json.utf8.count)"), for: request)
        #expect(response.output("logits")?.shape == [1, 2])
    }
}
