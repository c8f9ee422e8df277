import Foundation
import Testing

@testable import Gateway

/// A folder that is gone after the test.
final class TemporaryFolder {
    let path = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString)").path

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes files, with the folders that they need.
    func write(_ files: [String: String]) throws {
        for (name, text) in files {
            let url = URL(fileURLWithPath: "\(path)/\(name)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")), as: UTF8.self)
    }
}

@Suite struct `A file of results` {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var path: String { "\(folder.path)/results" }

    /// Opens the file, adds to it, and gives what it then holds.
    private func continued(_ before: String, _ format: ResultFormat, adding line: String) throws -> String {
        try folder.write(["results": before])
        let file = try ResultFile(path, format: format, overwrite: false)
        try file.handle.write(contentsOf: Data(line.utf8))
        try file.handle.close()
        return try folder.text("results")
    }

    @Test func `that is new begins with the format's header`() throws {
        for format in [ResultFormat.jsonl, .csv] {
            let file = try ResultFile(path, format: format, overwrite: true)
            try file.handle.close()
            #expect(file.answered.count == 0)
            #expect(try folder.text("results") == String(decoding: format.header, as: UTF8.self))
        }
    }

    @Test func `keeps answers, and drops errors, answers without an id, and a line that was cut off`() throws {
        let kept = #"{"id":"a","verdict":"ai"}"# + "\n" + #"{"id":7,"verdict":"human"}"# + "\n"
        let dropped =
            #"{"id":"b","error":{"code":"overloaded"}}"# + "\n" + #"{"id":null,"verdict":"ai"}"# + "\n"
            + #"{"id":"c","verd"#
        #expect(try continued(dropped.prefix(0) + kept + dropped, .jsonl, adding: "x\n") == kept + "x\n")
        let file = try ResultFile(path, format: .jsonl, overwrite: true)
        #expect(file.answered.count == 0)
        #expect(try folder.text("results").isEmpty)
    }

    @Test func `knows what has been answered, each answer for one text`() throws {
        try folder.write([
            "results": [#""a""#, #""a""#, "7", "2.5"].map { "{\"id\":\($0),\"verdict\":\"ai\"}\n" }.joined()
        ])
        let answered = try ResultFile(path, format: .jsonl, overwrite: false).answered
        #expect(answered.count == 4)
        #expect(answered.take(.string("a"), .jsonl))
        #expect(answered.take(.string("a"), .jsonl))
        #expect(!answered.take(.string("a"), .jsonl))
        #expect(!answered.take(.string("7"), .jsonl), "a string is no number")
        #expect(answered.take(.number("7"), .jsonl))
        #expect(answered.take(.number("2.50"), .jsonl))
        #expect(!answered.take(nil, .jsonl))
    }

    @Test func `in CSV keeps answers whose ids hold commas, quotation marks and newlines`() throws {
        func row(_ id: String, _ verdict: String, _ error: String = "") -> String {
            let middle = [String](repeating: "", count: ResultFormat.columns.count - 4)
            return String(decoding: ResultFormat.row([id, verdict] + middle + [error, ""]), as: UTF8.self)
        }
        let header = String(decoding: ResultFormat.csv.header, as: UTF8.self)
        let ids = ["plain", "a, b", "\"quoted\"", "two\nlines", "\"", "end\""]
        let kept = header + ids.map { row($0, "ai") }.joined()
        let before = kept + row("broken", "", "not_found") + row("cut off", "ai").dropLast(3)
        #expect(try continued(before, .csv, adding: row("new", "ai")) == kept + row("new", "ai"))
        let answered = try ResultFile(path, format: .csv, overwrite: false).answered
        for id in ids + ["new"] { #expect(answered.take(.string(id), .csv), "\(id)") }
        #expect(!answered.take(.string("broken"), .csv))
    }

    @Test(arguments: [
        (ResultFormat.jsonl, "My essay\n"), (.jsonl, "{\"id\":1}\n"), (.csv, "name,grade\nme,1\n"),
        (.csv, "{\"id\":1,\"verdict\":\"ai\"}\n"), (.jsonl, "id,verdict\n"),
    ])
    func `that holds something else is left alone`(format: ResultFormat, text: String) throws {
        try folder.write(["results": text])
        let path = path
        let error = #expect(throws: ResultFile.Unusable.self) {
            try ResultFile(path, format: format, overwrite: false)
        }
        #expect(error?.description.contains("--overwrite") == true)
        #expect(try folder.text("results") == text)
    }
}

@Suite struct `Names of essays` {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write([
            "b.txt": "", "a.md": "", "notes.docx": "", ".hidden.txt": "", "sub/c.txt": "", "sub/deep/d.txt": "",
            ".git/e.txt": "", "sub/x1.md": "",
        ])
    }

    private func expand(_ arguments: String...) throws -> [String] {
        try EssayFiles.expand(arguments.map { "\(folder.path)/\($0)" }).map {
            String($0.dropFirst(folder.path.count + 1))
        }
    }

    @Test func `a folder stands for the text files in and below it, in order`() throws {
        #expect(try expand("") == ["a.md", "b.txt", "sub/c.txt", "sub/deep/d.txt", "sub/x1.md"])
        #expect(try expand("sub") == ["sub/c.txt", "sub/deep/d.txt", "sub/x1.md"])
    }

    @Test(arguments: [
        ("*.txt", ["b.txt"]), ("**/*.txt", ["b.txt", "sub/c.txt", "sub/deep/d.txt"]),
        ("s*/?.txt", ["sub/c.txt"]), ("sub/**", ["sub/c.txt", "sub/deep/d.txt", "sub/x1.md"]),
        ("sub/**/d*", ["sub/deep/d.txt"]), ("*.*", ["a.md", "b.txt", "notes.docx"]), ("sub/*1*", ["sub/x1.md"]),
    ])
    func `a pattern stands for the files that match`(pattern: String, names: [String]) throws {
        #expect(try expand(pattern) == names)
    }

    @Test func `arguments keep their order, and each file comes once`() throws {
        #expect(try expand("sub/c.txt", "*.md", "a.md", "sub", "no such file").prefix(2) == ["sub/c.txt", "a.md"])
        #expect(try expand("b.txt", "b.txt", "missing.txt") == ["b.txt", "missing.txt"])
    }

    @Test(arguments: ["*.pdf", "nowhere/*.txt", "empty"])
    func `a folder or a pattern without any file is an error`(name: String) throws {
        try FileManager.default.createDirectory(atPath: "\(folder.path)/empty", withIntermediateDirectories: true)
        #expect(throws: GatewayError.self) { try expand(name) }
    }

    @Test func `a pattern of many stars takes no time to fail`() {
        let pattern = PathPattern(String(repeating: "*a", count: 40) + "b")
        #expect(pattern?.matches(String(repeating: "a", count: 200)) == false)
    }
}
