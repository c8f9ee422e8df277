import Foundation

/// One input line of a `--jsonl` command.
struct InputLine: Sendable {
    /// As in the input: `"a1"` with its quotes or `17`, ready to be written back; nil where it could not be read.
    var id: JSONID?
    var text: Result<String, GatewayError>

    /// An id is a string or a number, and is given back as what it was.
    enum JSONID: Encodable, Sendable, Equatable {
        case string(String)
        case number(String)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .string(let text): try container.encode(text)
            case .number(let digits):
                if let number = Int(digits) {
                    try container.encode(number)
                } else {
                    try container.encode(Double(digits))
                }
            }
        }
    }

    /// Reads `{"id": …, "text": "…"}`; other fields are skipped. `\u0000` is a character like any other here: the text
    /// is tokenized as given, and cleaning removes it.
    init(_ line: [UInt8]) {
        do {
            let (fields, _) = try StrictJSON.object(line, keys: ["id", "text"], allowsNUL: true)
            switch fields["id"] {
            case .string(let id): self.id = .string(id)
            case .number(let id): self.id = .number(id)
            default: id = nil
            }
            switch fields["text"] {
            case .string(let text): self.text = .success(text)
            case nil: text = .failure(GatewayError(.missingText, "the line has no field \"text\""))
            default: text = .failure(GatewayError(.invalidText, "\"text\" must be a string"))
            }
        } catch {
            id = nil
            text = .failure(GatewayError(error))
        }
    }
}

/// The object that stands in place of a line which could not be processed.
struct LineError: Encodable, Sendable {
    var id: InputLine.JSONID?
    var error: ErrorReply.Body

    init(id: InputLine.JSONID?, _ error: GatewayError) {
        self.id = id
        self.error = ErrorReply(error, requestID: nil).error
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        // Always there, null where unknown, so that every output line has the two fields.
        try container.encode(id, forKey: .id)
        try container.encode(error, forKey: .error)
    }

    enum CodingKeys: String, CodingKey {
        case id, error
    }
}

/// Standard input, line by line, in bytes: nothing is repaired, and only the line at hand is in memory.
struct LineReader: Sequence, IteratorProtocol {
    private let input: FileHandle
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    init(_ input: FileHandle) {
        self.input = input
    }

    mutating func next() -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return Array(buffer[start..<end])
            }
            if isAtEnd {
                defer { start = buffer.count }
                return start < buffer.count ? Array(buffer[start...]) : nil
            }
            searched = buffer.count - start
            buffer.removeSubrange(..<start)
            start = 0
            let chunk = (try? input.read(upToCount: 1 << 16)) ?? nil
            if let chunk, !chunk.isEmpty { buffer.append(contentsOf: chunk) } else { isAtEnd = true }
        }
    }
}

/// Runs `process` over lines, several at once, and writes the results in input order.
struct LineProcessor: Sendable {
    /// Lines in work at the same time.
    var concurrency: Int
    /// Told the number of lines written.
    var progress: @Sendable (Int) -> Void = { _ in }

    /// - Parameter process: gives the output line without its newline, or what is wrong.
    /// - Returns: how many lines failed.
    func run(
        _ lines: some Sequence<[UInt8]>, to output: FileHandle,
        process: @escaping @Sendable (String, InputLine.JSONID?) async throws -> [UInt8]
    ) async throws -> Int {
        var failures = 0
        var pending: [Task<(bytes: [UInt8], failed: Bool), any Error>] = []
        var written = 0
        func write(_ result: (bytes: [UInt8], failed: Bool)) throws {
            try output.write(contentsOf: Data(result.bytes + [UInt8(ascii: "\n")]))
            written += 1
            if result.failed { failures += 1 }
            progress(written)
        }
        for line in lines where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) {
            pending.append(Task { try await Self.result(of: line, process) })
            if pending.count >= concurrency { try write(try await pending.removeFirst().value) }
        }
        for task in pending { try write(try await task.value) }
        return failures
    }

    private static func result(
        of line: [UInt8], _ process: @Sendable (String, InputLine.JSONID?) async throws -> [UInt8]
    ) async throws -> (bytes: [UInt8], failed: Bool) {
        let input = InputLine(line)
        do {
            return (try await process(try input.text.get(), input.id), false)
        } catch let error as GatewayError {
            return (try replyBytes(LineError(id: input.id, error)), true)
        }
    }
}
