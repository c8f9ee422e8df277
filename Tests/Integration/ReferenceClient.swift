import Foundation
import TestSupport
import TritonClient

/// NVIDIA's own client, as the oracle: `reference_infer.py` in the virtual environment that the tests install.
enum ReferenceClient {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private struct Item: Codable {
        var name: String
        var datatype: String
        var shape: [Int]
        var hex: String
    }

    private struct Question: Encodable {
        var `protocol`: String
        var address: String
        var model: String
        var inputs: [Item]
        var outputs: [String]
    }

    private struct Answer: Decodable {
        var outputs: [Item]
    }

    /// The outputs that tritonclient reads for `request`.
    static func infer(_ request: InferRequest, over wire: WireProtocol) throws -> [Tensor] {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let root = directory.deletingLastPathComponent().deletingLastPathComponent()
        let address = try LiveTriton.url(wire).replacing("\(wire.rawValue)://", with: "")
        let question = Question(
            protocol: wire.rawValue, address: address, model: request.model,
            inputs: request.inputs.map {
                Item(name: $0.name, datatype: $0.datatype.rawValue, shape: $0.shape, hex: hex($0.bytes))
            }, outputs: request.outputs)

        let process = Process()
        let environment = ProcessInfo.processInfo.environment["TRITON_TEST_PYTHON"]
        process.executableURL = environment.map { URL(fileURLWithPath: $0) } ?? root.appending(path: ".venv/bin/python")
        process.arguments = [directory.appending(path: "reference_infer.py").path]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(question))
        try input.fileHandleForWriting.close()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "reference_infer.py ended with status \(process.terminationStatus)")
        }
        return try JSONDecoder().decode(Answer.self, from: text).outputs.map { item in
            guard let datatype = Datatype(rawValue: item.datatype) else {
                throw Failure(description: "unknown datatype \(item.datatype)")
            }
            return Tensor(name: item.name, datatype: datatype, shape: item.shape, bytes: bytes(item.hex))
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8).map { $0 <= UInt8(ascii: "9") ? $0 - 0x30 : $0 - 0x57 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
