import Foundation

/// The texts of a file of JSON lines.
struct Essays {
    let texts: [String]
    /// Bytes of UTF-8 of all together.
    var byteCount: Int { texts.reduce(0) { $0 + $1.utf8.count } }

    private struct Line: Decodable { var text: String }

    init(path: String) throws {
        let decoder = JSONDecoder()
        texts = try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n")).map {
            var text = try decoder.decode(Line.self, from: $0).text
            text.makeContiguousUTF8()
            return text
        }
    }

    /// Those of at least so many words (pieces between white space), each cut behind the last of them.
    func cut(words: Int) -> [String] {
        texts.compactMap { text in
            let pieces = text.split(whereSeparator: \.isWhitespace)
            return pieces.count < words ? nil : String(text[..<pieces[words - 1].endIndex])
        }
    }

    /// The essays one after the other, again if need be.
    func prose(bytes: Int = megabyte) -> String { Self.text(of: texts.joined(separator: "\n") + "\n", bytes: bytes) }

    static let megabyte = 1_000_000

    /// A text over and over; no Unicode scalar is cut.
    static func text(of unit: String, bytes size: Int = megabyte) -> String {
        if unit.utf8.count <= size { return String(repeating: unit, count: size / unit.utf8.count) }
        var end = unit.utf8.index(unit.startIndex, offsetBy: size)
        while end.samePosition(in: unit.unicodeScalars) == nil { unit.utf8.formIndex(before: &end) }
        return String(unit[..<end])
    }
}
