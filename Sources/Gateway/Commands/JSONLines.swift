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

extension InputLine {
    /// A file's text, with its name as the id; `-` is standard input.
    init(file name: String) {
        id = .string(name)
        let data: Data?
        if name == "-" {
            data = try? FileHandle.standardInput.readToEnd() ?? Data()
        } else {
            data = try? Data(contentsOf: URL(fileURLWithPath: name))
        }
        guard let data else {
            text = .failure(GatewayError(.notFound, "cannot be read; check the name and its permissions"))
            return
        }
        guard let string = String(validating: data, as: UTF8.self) else {
            text = .failure(GatewayError(.invalidText, "is not UTF-8 text; convert it, or save it as plain text"))
            return
        }
        text = .success(string)
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

extension LineReader {
    /// The objects on the lines that are not blank.
    var inputs: some Sequence<InputLine> {
        lazy.filter { line in !line.allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 } }.map { InputLine($0) }
    }
}

/// Runs work over texts, several at once, and hands the results on in input order.
struct LineProcessor: Sendable {
    /// Texts in work at the same time.
    var concurrency: Int
    /// Told the number of texts that are done.
    var progress: @Sendable (Int) -> Void = { _ in }

    /// - Parameters:
    ///   - process: throws `GatewayError` where the text cannot be processed; anything else ends the run.
    ///   - finished: called for one text after the other.
    func run<Value: Sendable>(
        _ inputs: some Sequence<InputLine>,
        process: @escaping @Sendable (String, InputLine.JSONID?) async throws -> Value,
        finished: (InputLine.JSONID?, Result<Value, GatewayError>) throws -> Void
    ) async throws {
        var pending: [(id: InputLine.JSONID?, work: Task<Result<Value, GatewayError>, any Error>)] = []
        var done = 0
        func finishFirst() async throws {
            let first = pending.removeFirst()
            try finished(first.id, try await first.work.value)
            done += 1
            progress(done)
        }
        for input in inputs {
            let work = Task<Result<Value, GatewayError>, any Error> {
                do {
                    return .success(try await process(try input.text.get(), input.id))
                } catch let error as GatewayError {
                    return .failure(error)
                }
            }
            pending.append((input.id, work))
            if pending.count >= concurrency { try await finishFirst() }
        }
        while !pending.isEmpty { try await finishFirst() }
    }

    /// Writes a line for each text; where it cannot be processed, a `LineError`.
    /// - Parameter process: gives the output line without its newline, or what is wrong.
    /// - Returns: how many texts failed.
    func run(
        _ inputs: some Sequence<InputLine>, to output: FileHandle,
        process: @escaping @Sendable (String, InputLine.JSONID?) async throws -> [UInt8]
    ) async throws -> Int {
        var failures = 0
        try await run(inputs, process: process) { id, result in
            let line: [UInt8]
            switch result {
            case .success(let bytes): line = bytes
            case .failure(let error):
                failures += 1
                line = try replyBytes(LineError(id: id, error))
            }
            try output.write(contentsOf: Data(line + [UInt8(ascii: "\n")]))
        }
        return failures
    }
}
