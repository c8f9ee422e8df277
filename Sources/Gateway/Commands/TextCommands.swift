import ArgumentParser
import Features
import Foundation
import TritonClient
import WordPiece

/// What the commands share that turn lines of text into lines of results.
struct LineOptions: ParsableArguments {
    @Argument(
        help: "Text or Markdown files, folders of them, or patterns such as 'essays/**/*.txt'.",
        completion: .file(extensions: ["txt", "md"]))
    var files: [String] = []

    @Flag(help: "Read {\"id\", \"text\"} objects, one a line, from standard input.")
    var jsonl = false

    /// The texts that the arguments name; a file's id is its name.
    private func inputs() throws -> AnySequence<InputLine> {
        guard jsonl != !files.isEmpty else {
            throw ValidationError("name files, or say --jsonl and give the texts on standard input, one object a line")
        }
        guard !jsonl else { return AnySequence(LineReader(.standardInput).inputs) }
        return AnySequence(try EssayFiles.expand(files).lazy.map { InputLine(file: $0) })
    }

    /// Runs `process` over the texts.
    /// - Throws: `ExitCode.failure` when a line could not be processed; its place in the output says why.
    func run(
        concurrency: Int = ProcessInfo.processInfo.activeProcessorCount,
        progress: @escaping @Sendable (Int) -> Void = { _ in },
        _ process: @escaping @Sendable (String, InputLine.JSONID?) async throws -> [UInt8]
    ) async throws {
        let processor = LineProcessor(concurrency: concurrency, progress: progress)
        let failures = try await processor.run(inputs(), to: .standardOutput, process: process)
        if failures > 0 { throw ExitCode.failure }
    }
}

/// `gateway clean`
struct CleanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean", abstract: "Writes each text as the models see it: {\"id\", \"text\", \"hygiene\"}.")

    @OptionGroup var lines: LineOptions

    struct Line: Encodable, Sendable {
        var id: InputLine.JSONID?
        var text: String
        var hygiene: [String: Int]
    }

    func run() async throws {
        try await lines.run { text, id in
            let clean = TextCleaner.clean(text)
            let hygiene = Dictionary(uniqueKeysWithValues: clean.hygiene.counts.map { ($0.name, $0.count) })
            return try replyBytes(Line(id: id, text: clean.text, hygiene: hygiene))
        }
    }
}

/// `gateway segment`
struct SegmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segment",
        abstract: "Writes where each text's sentences and tokens lie: {\"id\", \"sentences\", \"tokens\"}.",
        discussion: "Ranges are byte offsets of the text as given, whatever cleaning took out of it.")

    @OptionGroup var lines: LineOptions

    struct Line: Encodable, Sendable {
        var id: InputLine.JSONID?
        var sentences: [[Int]]
        var tokens: [[Int]]
    }

    func run() async throws {
        try await lines.run { text, id in
            let document = Document(TextCleaner.clean(text))
            func original(_ range: Range<Int>) -> [Int] {
                let range = document.clean.originalRange(range)
                return [range.lowerBound, range.upperBound]
            }
            return try replyBytes(
                Line(
                    id: id, sentences: document.sentences.map(original),
                    tokens: (0..<document.tokens.count).map { original(document.tokens[$0]) }))
        }
    }
}

/// `gateway tokenize`
struct TokenizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Writes each text's token ids and their byte offsets, of the text as given, uncleaned and uncut.",
        discussion: "And the windows that the classifiers would be sent, as ranges of positions in \"ids\".")

    @OptionGroup var lines: LineOptions

    @Option(help: "Tokens of a window, [CLS] and [SEP] counted (default: as served).")
    var windowLength: Int?

    @Option(help: "Tokens that neighbouring windows share (default: as served).")
    var windowOverlap: Int?

    struct Line: Encodable, Sendable {
        var id: InputLine.JSONID?
        var ids: [Int32]
        /// UTF-8 byte ranges of the text; [0, 0] for the two special tokens.
        var offsets: [[Int]]
        /// [start, end] of each in `ids`; [CLS] and [SEP] come around every one when it is sent.
        var windows: [[Int]]
    }

    func run() async throws {
        var shape = try Scoring(json: BuiltInScoring.json).windows
        shape.maximumLength = windowLength ?? shape.maximumLength
        shape.overlap = windowOverlap ?? shape.overlap
        guard shape.isPossible else {
            throw ValidationError(
                "windows of \(shape.maximumLength) tokens cannot overlap by \(shape.overlap)")
        }
        try await lines.run { [shape] text, id in
            let tokenizer = Tokenizer.bertBaseUncased
            let encoding = tokenizer.encode(text)
            let row = tokenizer.postProcessor.row(encoding)
            let windows = encoding.windows(maximumLength: shape.maximumLength, overlap: shape.overlap).map {
                // [CLS] stands before the first token.
                [$0.tokens.lowerBound + 1, $0.tokens.upperBound + 1]
            }
            return try replyBytes(
                Line(
                    id: id, ids: row.ids, offsets: zip(row.starts, row.ends).map { [$0, $1] }, windows: windows))
        }
    }
}

/// `gateway features`
struct FeaturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features",
        abstract: "Writes each text's features: {\"id\", \"features\"}.",
        discussion: """
            With --triton the features that need the sentence encoder are computed too, and the vector is the one that \
            the EBM is trained on and served with. Without it they are left out.
            """)

    @OptionGroup var lines: LineOptions
    @OptionGroup var options: TritonOptions

    @Flag(
        help: """
            Write the schema instead: {"hash", "names", "families"}, in the order in which the EBM takes the features.
            """)
    var schema = false

    struct Schema: Encodable, Sendable {
        var hash: String
        var names: [String]
        /// Of each name.
        var families: [String]
    }

    struct Line: Encodable, Sendable {
        var id: InputLine.JSONID?
        var features: [String: Double]
    }

    func run() async throws {
        guard !schema else {
            let current = FeatureSchema.current
            let line = try replyBytes(
                Schema(hash: current.hash, names: current.names, families: current.definitions.map(\.family)))
            try FileHandle.standardOutput.write(contentsOf: Data(line + [UInt8(ascii: "\n")]))
            return
        }
        guard options.triton != nil else {
            try await lines.run { text, id in
                let features = FeatureExtractor.lexical(Document(TextCleaner.clean(text)))
                return try replyBytes(Line(id: id, features: features.dictionary))
            }
            return
        }
        let configuration = try await GatewayConfiguration.load(
            arguments: options.arguments, file: options.config, defaults: .quiet)
        let transport = try Backend.transport(configuration)
        let pipeline = try await ScorePipeline.unscored(transport, configuration, makeLogger(configuration))
        do {
            try await lines.run(concurrency: 2) { text, id in
                let deadline = ContinuousClock.now.advanced(by: configuration.limits.deadline)
                let features = try await pipeline.features(text, requestID: "", deadline: deadline)
                return try replyBytes(Line(id: id, features: features.dictionary))
            }
        } catch {
            await transport.shutdown()
            throw error
        }
        await transport.shutdown()
    }
}
