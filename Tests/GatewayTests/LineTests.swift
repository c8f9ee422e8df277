import Foundation
import Testing

@testable import Gateway

@Suite struct `Lines of JSON` {
    private func handle(_ bytes: [UInt8]) throws -> FileHandle {
        let pipe = Pipe()
        let writer = pipe.fileHandleForWriting
        // A pipe holds 64 KB: write from another thread.
        Thread.detachNewThread {
            try? writer.write(contentsOf: Data(bytes))
            try? writer.close()
        }
        return pipe.fileHandleForReading
    }

    @Test(
        arguments: [
            ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n\na\r\n", ["", "", "a\r"]),
        ] as [(String, [String])])
    func `are told apart by newlines`(input: String, lines: [String]) throws {
        let found = LineReader(try handle(Array(input.utf8))).map { String(decoding: $0, as: UTF8.self) }
        #expect(found == lines)
    }

    @Test func `may be longer than the buffer`() throws {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 300_000)
        let found = Array(LineReader(try handle(long + [10] + long)))
        #expect(found == [long, long])
    }

    @Test func `keep their order, whatever finishes first`() async throws {
        let lines = (0..<40).map { InputLine(Array("{\"id\":\($0),\"text\":\"t\"}".utf8)) }
        let output = Pipe()
        let failures = try await LineProcessor(concurrency: 8).run(lines, to: output.fileHandleForWriting) { _, id in
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...5)))
            return try replyBytes(["id": id])
        }
        try output.fileHandleForWriting.close()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        #expect(failures == 0)
        #expect(text == (0..<40).map { "{\"id\":\($0)}\n" }.joined())
    }

    @Test func `one that cannot be processed leaves an error in its place`() async throws {
        let lines = [#"{"id":"a","text":"x"}"#, "oops", #"{"id":"b"}"#, #"{"id":3,"text":4}"#, #"{"text":"y"}"#]
        let output = Pipe()
        let failures = try await LineProcessor(concurrency: 2).run(
            lines.map { InputLine(Array($0.utf8)) }, to: output.fileHandleForWriting
        ) { text, id in try replyBytes(["id": id, "text": .string(text)]) }
        try output.fileHandleForWriting.close()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        let found = try data.split(separator: 10).map {
            try #require(try JSONSerialization.jsonObject(with: $0) as? [String: Any])
        }
        #expect(failures == 3)
        let codes = found.map { ($0["error"] as? [String: Any])?["code"] as? String }
        #expect(codes == [nil, "malformed_json", "missing_text", "invalid_text", nil])
        #expect(found.map { $0["id"].map { "\($0)" } } == ["a", "<null>", "b", "3", "<null>"])
    }

    @Test func `the progress line says how far and how long`() {
        #expect(
            ProgressBar.line(done: 5, total: 10, seconds: 2) == "[###############...............] 5/10, 2.5/s, 2 s left"
        )
        #expect(ProgressBar.line(done: 7, total: nil, seconds: 2) == "7 essays, 3.5/s")
        #expect(ProgressBar.line(done: 0, total: 10, seconds: 0).hasSuffix("0/10, 0.0/s, 0 s left"))
    }
}
