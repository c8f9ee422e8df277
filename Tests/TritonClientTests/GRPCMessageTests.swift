import Foundation
import TestSupport
import Testing

@testable import TritonClient

/// Messages as tritonclient 2.50 writes and reads them (Fixtures/make_grpc_fixtures.py).
struct MessageFixtures: Decodable {
    struct Item: Decodable {
        var name: String
        var datatype: String
        var shape: [Int]
        var hex: String

        func tensor() throws -> Tensor {
            Tensor(
                name: name, datatype: try #require(Datatype(rawValue: datatype)), shape: shape, bytes: bytes(hex: hex))
        }
    }

    struct Request: Decodable, CustomTestStringConvertible {
        var `case`: String
        var id: String
        var version: String?
        var inputs: [Item]
        var outputs: [String]
        var hex: String

        var testDescription: String { `case` }
    }

    struct Reply: Decodable, CustomTestStringConvertible {
        var `case`: String
        var id: String
        var outputs: [Item]
        var hex: String

        var testDescription: String { `case` }
    }

    var requests: [Request]
    var replies: [Reply]
    var metadata: [String: String]

    static func load() throws -> MessageFixtures {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/grpc_messages.json")
        return try JSONDecoder().decode(MessageFixtures.self, from: Data(contentsOf: file))
    }

    static func metadata(_ name: String) throws -> [UInt8] {
        bytes(hex: try #require(load().metadata[name]))
    }
}

@Suite("gRPC messages")
struct GRPCMessageTests {
    @Test("a request is byte for byte what tritonclient sends", arguments: try MessageFixtures.load().requests)
    func requestGolden(_ fixture: MessageFixtures.Request) throws {
        let request = InferRequest(
            model: "m", version: fixture.version, id: fixture.id, inputs: try fixture.inputs.map { try $0.tensor() },
            outputs: fixture.outputs)
        try ReplyValidation.checked(request)
        #expect(try InferMessage.encode(request).flatMap { $0 } == bytes(hex: fixture.hex))
    }

    @Test("a reply holds what tritonclient put into it", arguments: try MessageFixtures.load().replies)
    func replyGolden(_ fixture: MessageFixtures.Reply) throws {
        let outputs = try fixture.outputs.map { try $0.tensor() }
        let request = InferRequest(model: "m", id: fixture.id, inputs: [], outputs: outputs.map(\.name))
        let response = try ReplyValidation.checked(InferMessage.decode(bytes(hex: fixture.hex)), for: request)
        #expect(response == InferResponse(model: "m", version: "1", id: fixture.id, outputs: outputs))
    }

    @Test("requests about a model are byte for byte tritonclient's")
    func modelRequests() throws {
        #expect(
            try MetadataMessages.encodeModel("m", version: "2") == MessageFixtures.metadata("model_request"))
        #expect(
            try MetadataMessages.encodeModel("m", version: "2") == MessageFixtures.metadata("model_ready_request"))
        #expect(
            try MetadataMessages.encodeModel("m", version: nil)
                == MessageFixtures.metadata("model_request_without_version"))
    }

    @Test("health replies say yes, and an empty one no")
    func health() throws {
        #expect(try MetadataMessages.decodeServerLive(MessageFixtures.metadata("live")))
        #expect(try MetadataMessages.decodeServerReady(MessageFixtures.metadata("ready")))
        #expect(try MetadataMessages.decodeModelReady(MessageFixtures.metadata("model_ready")))
        // A field that has its default value is not on the wire.
        #expect(try !MetadataMessages.decodeServerLive([]))
        #expect(try !MetadataMessages.decodeServerReady([]))
        #expect(try !MetadataMessages.decodeModelReady([]))
    }

    @Test("metadata and configuration are read from among all the fields that Triton knows")
    func metadata() throws {
        #expect(
            try MetadataMessages.decodeServerMetadata(MessageFixtures.metadata("server"))
                == ServerMetadata(name: "triton", version: "2.51.0", extensions: ["classification", "trace"]))
        #expect(
            try MetadataMessages.decodeModelMetadata(MessageFixtures.metadata("model"))
                == ModelMetadata(
                    name: "m", versions: ["1", "3"], platform: "onnxruntime_onnx",
                    inputs: [
                        TensorMetadata(name: "input_ids", datatype: "INT64", shape: [-1, 128]),
                        TensorMetadata(name: "flag", datatype: "BOOL", shape: []),
                    ],
                    outputs: [TensorMetadata(name: "logits", datatype: "FP32", shape: [-1, 2])]))
        #expect(
            try MetadataMessages.decodeModelConfiguration(MessageFixtures.metadata("config"))
                == ModelConfiguration(
                    name: "m", platform: "onnxruntime_onnx", backend: "onnxruntime", maxBatchSize: 16,
                    parameters: ["intercept": "-0.8169970392674392", "empty": "", "names": "flesch,é"]))
    }

    @Test("a text with a NUL, which would be cut there, is not sent")
    func nul() throws {
        let right = InferRequest(
            model: "m", id: "a", inputs: [Tensor(name: "x", datatype: .bool, shape: [0], bytes: [])], outputs: ["y"])
        for spoil in [
            { $0.id = "a\0b" }, { $0.inputs[0].name = "\0" }, { $0.outputs = ["y\0"] },
        ] as [(inout InferRequest) -> Void] {
            var request = right
            spoil(&request)
            #expect(throws: TritonError.invalidRequest("a name, version or id holds a NUL")) {
                try InferMessage.encode(request)
            }
        }
    }

    @Test("a message beyond what gRPC takes is refused")
    func tooLarge() throws {
        // The array is shared: the request takes 64 MiB, not 2 GiB.
        let large = [UInt8](repeating: 0, count: 64 << 20)
        let inputs = (0..<32).map { Tensor(name: "\($0)", datatype: .uint8, shape: [64 << 20], bytes: large) }
        let error = #expect(throws: TritonError.self) {
            try InferMessage.encode(InferRequest(model: "m", inputs: inputs))
        }
        #expect(error?.isInvalidRequest == true)
    }

    // MARK: Replies that lie

    /// One length-delimited field.
    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(content.count)] + content
    }

    /// A reply of model m, version 1.
    private static func reply(outputs: [[UInt8]], contents: [[UInt8]]) -> [UInt8] {
        field(1, [0x6D]) + field(2, [0x31]) + outputs.flatMap { field(5, $0) } + contents.flatMap { field(6, $0) }
    }

    private static func output(_ name: String, _ datatype: String, _ shape: [UInt8]) -> [UInt8] {
        field(1, Array(name.utf8)) + field(2, Array(datatype.utf8)) + field(3, shape)
    }

    struct Lie: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var message: [UInt8]
    }

    private static let logits = output("logits", "FP32", [1, 2])
    private static let eight = [UInt8](repeating: 0x7F, count: 8)

    static let lies: [Lie] = [
        .init(testDescription: "nothing", message: []),
        .init(testDescription: "no contents", message: reply(outputs: [logits], contents: [])),
        .init(testDescription: "no outputs", message: reply(outputs: [], contents: [eight])),
        .init(testDescription: "contents too many", message: reply(outputs: [logits], contents: [eight, eight])),
        .init(testDescription: "too few bytes", message: reply(outputs: [logits], contents: [Array(eight.dropLast())])),
        .init(testDescription: "too many bytes", message: reply(outputs: [logits], contents: [eight + [0]])),
        .init(
            testDescription: "another type of the same shape",
            message: reply(outputs: [output("logits", "FP64", [1, 2])], contents: [eight])),
        .init(
            testDescription: "unknown type",
            message: reply(outputs: [output("logits", "FP31", [1, 2])], contents: [eight])),
        .init(
            testDescription: "no type", message: reply(outputs: [output("logits", "", [1, 2])], contents: [eight])),
        .init(
            testDescription: "another output",
            message: reply(outputs: [output("logitz", "FP32", [1, 2])], contents: [eight])),
        .init(testDescription: "output twice", message: reply(outputs: [logits, logits], contents: [eight, eight])),
        .init(
            testDescription: "negative dimensions",
            message: reply(
                outputs: [output("logits", "FP32", [UInt8](repeating: 0xFF, count: 9) + [1])], contents: [eight])),
        .init(
            testDescription: "dimensions whose product overflows",
            message: reply(
                outputs: [
                    output("logits", "FP32", ([UInt8](repeating: 0x80, count: 8) + [0x40]) + [0x80, 0x01])
                ], contents: [eight])),
        .init(
            testDescription: "BYTES cut short",
            message: reply(outputs: [output("logits", "BYTES", [2])], contents: [eight])),
        .init(
            testDescription: "a name that is not UTF-8",
            message: field(1, [0x6D]) + field(2, [0x31]) + field(5, field(1, [0xC3, 0x28])) + field(6, [])),
        .init(
            testDescription: "another model",
            message: field(1, [0x6E]) + field(2, [0x31]) + field(5, logits) + field(6, eight)),
        .init(
            testDescription: "another version",
            message: field(1, [0x6D]) + field(2, [0x32]) + field(5, logits) + field(6, eight)),
        .init(
            testDescription: "another id",
            message: reply(outputs: [logits], contents: [eight]) + field(3, [0x78])),
        .init(testDescription: "field cut short", message: reply(outputs: [logits], contents: [eight]).dropLast()),
        .init(testDescription: "length beyond the message", message: [6 << 3 | 2, 0xFF, 0xFF, 0xFF, 0xFF, 0x07]),
        .init(testDescription: "length beyond 64 bits", message: [6 << 3 | 2] + [UInt8](repeating: 0xFF, count: 10)),
        .init(testDescription: "a group", message: [6 << 3 | 3, 6 << 3 | 4]),
        .init(testDescription: "the wrong wire type", message: [5 << 3 | 0, 1]),
    ]

    @Test("a reply that does not fit together is refused", arguments: lies)
    func refused(_ lie: Lie) throws {
        let request = InferRequest(model: "m", version: "1", inputs: [], outputs: ["logits"])
        #expect {
            _ = try ReplyValidation.checked(InferMessage.decode(lie.message), for: request)
        } throws: { error in
            if case TritonError.invalidResponse = error { true } else { false }
        }
    }

    @Test("the reply that the lies are made from is taken")
    func honest() throws {
        let request = InferRequest(model: "m", version: "1", inputs: [], outputs: ["logits"])
        let message = Self.reply(outputs: [Self.logits], contents: [Self.eight])
        let response = try ReplyValidation.checked(InferMessage.decode(message), for: request)
        #expect(response.output("logits") == Tensor(name: "logits", datatype: .fp32, shape: [1, 2], bytes: Self.eight))
    }

    @Test("a configuration with a parameter twice, or a negative batch size, or none at all is refused")
    func refusedConfigurations() throws {
        let entry = Self.field(14, Self.field(1, [0x61]) + Self.field(2, []))
        // Negative 32-bit numbers take ten bytes.
        let negative: [UInt8] = [4 << 3 | 0] + [UInt8](repeating: 0xFF, count: 9) + [1]
        let name = Self.field(1, [0x6D])
        for message in [[], Self.field(1, name + entry + entry), Self.field(1, name + negative)] {
            #expect(throws: TritonError.self) { try MetadataMessages.decodeModelConfiguration(message) }
        }
        #expect(try MetadataMessages.decodeModelConfiguration(Self.field(1, name + entry)).parameters == ["a": ""])
    }

    // MARK: Hostile bytes

    @Test("a reply with bytes changed, cut or added is read or refused, never a trap")
    func mutations() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("GRPCMessageTests.mutations seed \(seed)")
        var random = SeededRandom(seed)
        let fixtures = try MessageFixtures.load()
        let config = try MessageFixtures.metadata("config")
        let model = try MessageFixtures.metadata("model")
        for fixture in fixtures.replies {
            for _ in 0..<2000 {
                let message = Self.mutated(bytes(hex: fixture.hex), &random)
                let request = InferRequest(model: "m", id: fixture.id, inputs: [], outputs: fixture.outputs.map(\.name))
                guard let response = try? ReplyValidation.checked(InferMessage.decode(message), for: request) else {
                    continue
                }
                for output in response.outputs {
                    let count = try #require(ReplyValidation.elementCount(output.shape))
                    if let width = output.datatype.byteWidth { #expect(output.bytes.count == count * width) }
                }
            }
        }
        for _ in 0..<3000 {
            _ = try? MetadataMessages.decodeModelConfiguration(Self.mutated(config, &random))
            _ = try? MetadataMessages.decodeModelMetadata(Self.mutated(model, &random))
        }
    }

    private static func mutated(_ original: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var message = original
        for _ in 0..<Int.random(in: 1...3, using: &random) where !message.isEmpty {
            let place = Int.random(in: 0..<message.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: message[place] = .random(in: .min ... .max, using: &random)
            case 1: message.remove(at: place)
            case 2: message.removeSubrange(place...)
            default: message.insert(.random(in: .min ... .max, using: &random), at: place)
            }
        }
        return message
    }

    @Test("a small reply that would become large in memory is refused")
    func memory() throws {
        // Two bytes each; more than a hundred in memory, so that 4 MiB would take 250 MiB and more.
        let message = [UInt8](repeating: 5 << 3 | 2, count: 1) + [0]
        let flood = Array(repeatElement(message, count: 2 << 20).joined())
        #expect {
            _ = try InferMessage.decode(flood)
        } throws: { error in
            if case TritonError.invalidResponse = error { true } else { false }
        }
    }
}
