import ArgumentParser
import Features
import Foundation
import TritonClient

/// `gateway analyze`
struct AnalyzeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Analyses essays: files, folders and patterns, or one from standard input, or many with --jsonl.",
        discussion: """
            Files are plain text or Markdown in UTF-8; a folder stands for the .txt and .md files in and below it. With \
            --jsonl, standard input holds {"id", "text"} objects, one a line. Results come in the order of the input. \
            The exit status is 1 when an essay could not be analysed; its place in the output says why.

            With --output, results go into a file. Where it exists already it is continued: essays that it has an answer \
            for are left out, by their id, and those with an error are tried again.
            """)

    @Argument(
        help: "Text or Markdown files, folders of them, or patterns such as 'essays/**/*.txt'.",
        completion: .file(extensions: ["txt", "md"]))
    var files: [String] = []

    @Flag(help: "Read {\"id\", \"text\"} objects from standard input, one a line.")
    var jsonl = false

    @Flag(help: "The same as --format jsonl.")
    var json = false

    @Option(
        help: "text, jsonl or csv (default text for files; jsonl with --jsonl; with --output by the file's ending).")
    var format: ResultFormat?

    @Option(name: .shortAndLong, help: "Write the results into this file, or continue it.", completion: .file())
    var output: String?

    @Flag(help: "Begin the file of --output anew.")
    var overwrite = false

    @Option(help: "Essays in work at the same time.")
    var concurrency = 2

    @OptionGroup var options: TritonOptions

    func validate() throws {
        guard files.isEmpty || !jsonl else { throw ValidationError("give files or --jsonl, not both") }
        guard (1...256).contains(concurrency) else { throw ValidationError("--concurrency must be between 1 and 256") }
        guard !json || format == nil || format == .jsonl else { throw ValidationError("--json is --format jsonl") }
        guard output != nil || !overwrite else { throw ValidationError("--overwrite goes with --output") }
        guard output == nil || resultFormat != .text else {
            throw ValidationError("a file of results is jsonl or csv; say --format, or --output NAME.csv or NAME.jsonl")
        }
    }

    /// What was asked for, or what goes without saying.
    private var resultFormat: ResultFormat {
        if let format { return format }
        if json { return .jsonl }
        guard let output else { return jsonl ? .jsonl : .text }
        return output.hasSuffix(".csv") ? .csv : output.hasSuffix(".jsonl") ? .jsonl : jsonl ? .jsonl : .text
    }

    func run() async throws {
        let names = jsonl ? [] : files.isEmpty ? ["-"] : try EssayFiles.expand(files)
        let configuration = try await GatewayConfiguration.load(
            arguments: options.arguments, file: options.config, defaults: .quiet)
        let backend = try Backend(configuration)
        do {
            let rollout = await backend.checkedRollout(logger: try makeLogger(configuration))
            try await run(names, rollout, deadline: configuration.limits.deadline)
        } catch {
            await backend.transport.shutdown()
            throw error
        }
        await backend.transport.shutdown()
    }

    private func run(_ names: [String], _ rollout: Rollout, deadline: Duration) async throws {
        let format = resultFormat
        let file = try output.map { try ResultFile($0, format: format, overwrite: overwrite) }
        let answered = file?.answered ?? AnsweredTexts()
        let before = answered.count
        let names = names.filter { !answered.take(.string($0), format) }
        let inputs =
            jsonl
            ? AnySequence(LineReader(.standardInput).inputs.filter { !answered.take($0.id, format) })
            : AnySequence(names.lazy.map { InputLine(file: $0) })

        let results = file?.handle ?? .standardOutput
        if file == nil { try results.write(contentsOf: Data(format.header)) }
        let bar = ProgressBar(total: jsonl ? nil : names.count)
        let showsBar = jsonl || names.count > 1
        var tally = Tally()
        try await LineProcessor(concurrency: concurrency, progress: { if showsBar { bar.update($0) } }).run(inputs) {
            text, _ in
            try await rollout.analyze(
                text, requestID: RequestID.accept(nil), deadline: ContinuousClock.now.advanced(by: deadline))
        } finished: { id, result in
            tally.add(result)
            let isComplaint = if case .failure = result { format == .text } else { false }
            let bytes = try format.bytes(id, result)
            try (isComplaint ? FileHandle.standardError : results).write(contentsOf: Data(bytes))
        }
        if showsBar { bar.finish() }
        if file != nil {
            try results.close()
            try FileHandle.standardError.write(contentsOf: Data((tally.words(answeredBefore: before) + "\n").utf8))
        }
        if tally.failureCount > 0 { throw ExitCode.failure }
    }
}

/// What a run came to.
struct Tally: Sendable {
    private var verdicts: [Verdict: Int] = [:]
    private var failures: [GatewayError.Code: Int] = [:]

    var failureCount: Int { failures.values.reduce(0, +) }

    mutating func add(_ result: Result<Analysis, GatewayError>) {
        switch result {
        case .success(let analysis): verdicts[analysis.verdict, default: 0] += 1
        case .failure(let error): failures[error.code, default: 0] += 1
        }
    }

    /// One line: how many texts, which verdicts, which failures.
    func words(answeredBefore: Int) -> String {
        let analyzed = verdicts.values.reduce(0, +)
        var line = "\(analyzed + failureCount) texts: \(analyzed) analysed"
        if analyzed > 0 {
            let counts = [Verdict.ai, .uncertain, .human].map { "\(verdicts[$0] ?? 0) \($0.rawValue)" }
            line += " (\(counts.joined(separator: ", ")))"
        }
        line += ", \(failureCount) failed"
        if failureCount > 0 {
            let counts = failures.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
            line += " (\(counts.joined(separator: ", ")))"
        }
        return answeredBefore > 0 ? line + "; \(answeredBefore) answered before" : line
    }
}
