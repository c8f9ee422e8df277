import Foundation

/// The file that `gateway analyze --output` writes. A run that was interrupted is continued: what has been answered stays
/// and is not asked for again; errors, and a last line that was cut off, go.
struct ResultFile {
    let handle: FileHandle
    let answered: AnsweredTexts

    struct Unusable: Error, CustomStringConvertible {
        var description: String
    }

    /// - Throws: `Unusable` where the file holds something else, or cannot be written.
    init(_ path: String, format: ResultFormat, overwrite: Bool) throws {
        let answered = AnsweredTexts()
        self.answered = answered
        guard !overwrite, FileManager.default.fileExists(atPath: path) else {
            try Self.create(path)
            handle = try Self.open(path)
            try handle.write(contentsOf: Data(format.header))
            return
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Unusable(description: "\(path) cannot be read; check its permissions")
        }
        let bytes = Array(data)
        var isWhole = true
        try Self.read(bytes, path, format) { record, key in
            if let key { answered.add(key) } else { isWhole = false }
        }
        if !isWhole || bytes.isEmpty {
            var kept = Data(format.header)
            try Self.read(bytes, path, format) { record, key in
                if key != nil { kept.append(contentsOf: record) }
            }
            // Written beside the old one and renamed over it: an interruption here costs nothing either.
            do {
                try kept.write(to: URL(fileURLWithPath: path), options: .atomic)
            } catch {
                throw Unusable(description: "\(path) cannot be written; check the folder and its permissions")
            }
        }
        handle = try Self.open(path)
        try handle.seekToEnd()
    }

    private static func create(_ path: String) throws(Unusable) {
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw Unusable(description: "\(path) cannot be written; check the folder and its permissions")
        }
    }

    private static func open(_ path: String) throws(Unusable) -> FileHandle {
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw Unusable(description: "\(path) cannot be written; check its permissions")
        }
        return handle
    }

    /// Goes through a file's records.
    /// - Parameter take: gets each record with its newline, and the id that it answers; nil where it answers none.
    private static func read(
        _ bytes: [UInt8], _ path: String, _ format: ResultFormat, take: ([UInt8], String?) throws -> Void
    ) throws {
        var records = Records(bytes, quotes: format == .csv)
        if format == .csv, !bytes.isEmpty, records.next()?.elementsEqual(format.header) != true { throw foreign(path) }
        while let record = records.next() {
            // A last record without its newline was cut off.
            guard record.last == UInt8(ascii: "\n") else {
                try take(record, nil)
                continue
            }
            switch entry(record.dropLast(), format) {
            case .answer(let key): try take(record, key)
            case .other: try take(record, nil)
            case nil: throw foreign(path)
            }
        }
    }

    private static func foreign(_ path: String) -> Unusable {
        Unusable(
            description: "\(path) holds something else than results in this format; name another file, "
                + "or say --overwrite")
    }

    private enum Entry {
        case answer(String)
        /// An error, or an answer without an id: it is computed anew.
        case other
    }

    /// nil for what this command does not write.
    private static func entry(_ record: ArraySlice<UInt8>, _ format: ResultFormat) -> Entry? {
        if format == .csv {
            let fields = Records.fields(record)
            guard fields.count == ResultFormat.columns.count else { return nil }
            return fields[0].isEmpty || fields[1].isEmpty ? .other : .answer(fields[0])
        }
        guard
            let (fields, _) = try? StrictJSON.object(
                Array(record), keys: ["id", "verdict", "error"], allowsNUL: true),
            fields["verdict"] != nil || fields["error"] != nil
        else { return nil }
        let key: String? =
            switch fields["id"] {
            case .string(let id): AnsweredTexts.key(.string(id), format)
            case .number(let id): AnsweredTexts.key(.number(id), format)
            default: nil
            }
        guard let key, fields["verdict"] != nil else { return .other }
        return .answer(key)
    }
}

/// The texts that an earlier run answered, by id. An id that the input holds twice counts twice.
final class AnsweredTexts {
    private var counts: [String: Int] = [:]
    private(set) var count = 0

    func add(_ key: String) {
        counts[key, default: 0] += 1
        count += 1
    }

    /// Whether the text has been answered; each answer stands for one text.
    func take(_ id: InputLine.JSONID?, _ format: ResultFormat) -> Bool {
        guard let id, let left = counts[Self.key(id, format)], left > 0 else { return false }
        counts[Self.key(id, format)] = left - 1
        return true
    }

    /// As it is written: a number and a string of the same digits are one in CSV, and two in JSON.
    static func key(_ id: InputLine.JSONID, _ format: ResultFormat) -> String {
        guard format == .jsonl, let json = try? replyBytes(id) else { return id.text }
        return String(decoding: json, as: UTF8.self)
    }
}

/// The lines of a file, newlines included; with `quotes`, a newline between quotation marks ends none.
struct Records: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private let quotes: Bool
    private var start = 0

    init(_ bytes: [UInt8], quotes: Bool) {
        self.bytes = bytes
        self.quotes = quotes
    }

    mutating func next() -> [UInt8]? {
        guard start < bytes.count else { return nil }
        var isQuoted = false
        var end = start
        while end < bytes.count {
            if quotes, bytes[end] == UInt8(ascii: "\"") { isQuoted.toggle() }
            end += 1
            if bytes[end - 1] == UInt8(ascii: "\n"), !isQuoted { break }
        }
        defer { start = end }
        return Array(bytes[start..<end])
    }

    /// The fields of one CSV record without its newline.
    static func fields(_ record: ArraySlice<UInt8>) -> [String] {
        var fields: [[UInt8]] = [[]]
        var isQuoted = false
        var previous: UInt8 = 0
        for byte in record {
            switch byte {
            case UInt8(ascii: "\""):
                // Two in a row inside a quoted field are one that is meant.
                if !isQuoted, previous == UInt8(ascii: "\"") { fields[fields.count - 1].append(byte) }
                isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted: fields.append([])
            default: fields[fields.count - 1].append(byte)
            }
            previous = byte
        }
        return fields.map { String(decoding: $0, as: UTF8.self) }
    }
}
