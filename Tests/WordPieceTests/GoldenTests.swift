import Foundation
import Testing
import WordPiece

/// What `Fixtures/make_fixtures.py` got from transformers.BertTokenizer.
struct GoldenText: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let ids: [Int32]
    let offsets: [[Int]]

    var testDescription: String { name }

    static func load() throws -> [GoldenText] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/golden.jsonl")
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map { line in
            try JSONDecoder().decode(GoldenText.self, from: line)
        }
    }
}

@Suite("The oracle's answers")
struct GoldenTests {
    @Test("Ids and offsets are those of BertTokenizer")
    func answers() throws {
        let golden = try GoldenText.load()
        #expect(golden.count > 600)
        let tokenizer = Tokenizer.bertBaseUncased
        for text in golden {
            let row = tokenizer.postProcessor.row(tokenizer.encode(text.text))
            #expect(row.ids == text.ids, "\(text.name)")
            #expect(zip(row.starts, row.ends).map { [$0, $1] } == text.offsets, "\(text.name)")
        }
    }

    @Test("Bytes, a validated span and a string give the same encoding")
    func inputs() throws {
        for text in try GoldenText.load() {
            let bytes = Array(text.text.utf8)
            let encoding = Tokenizer.bertBaseUncased.encode(text.text)
            #expect(try Tokenizer.bertBaseUncased.encode(validating: bytes.span) == encoding, "\(text.name)")
            #expect(Tokenizer.bertBaseUncased.encode(text.text.utf8Span) == encoding, "\(text.name)")
        }
    }

    @Test("Offsets ascend, are not empty, and start and end at characters")
    func offsets() throws {
        for text in try GoldenText.load() {
            let bytes = Array(text.text.utf8)
            let encoding = Tokenizer.bertBaseUncased.encode(text.text)
            var (start, end) = (0, 0)
            for token in 0..<encoding.count {
                #expect(encoding.starts[token] >= start && encoding.ends[token] >= end, "\(text.name)")
                (start, end) = (encoding.starts[token], encoding.ends[token])
                try #require(start < end && end <= bytes.count, "\(text.name)")
                #expect(String(validating: bytes[start..<end], as: UTF8.self) != nil, "\(text.name)")
            }
        }
    }

    @Test("The unknown count is the number of [UNK]")
    func unknown() throws {
        let golden = try GoldenText.load()
        for text in golden {
            let encoding = Tokenizer.bertBaseUncased.encode(text.text)
            #expect(encoding.unknownCount == text.ids.count { $0 == Vocabulary.unknown }, "\(text.name)")
        }
        #expect(golden.contains { $0.ids.contains(Vocabulary.unknown) })
    }
}
