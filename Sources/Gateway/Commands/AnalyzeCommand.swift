import ArgumentParser
import Features
import Foundation
import TritonClient

/// `gateway analyze`
struct AnalyzeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Analyses essays: files, or one from standard input, or many with --jsonl.",
        discussion: """
            Files are plain text or Markdown in UTF-8. With --jsonl, standard input holds {"id", "text"} objects, one a \
            line, and standard output gets one JSON result a line in the same order. The exit status is 1 when an essay \
            could not be analysed; its place in the output says why.
            """)

    @Argument(help: "Text or Markdown files.", completion: .file(extensions: ["txt", "md"]))
    var files: [String] = []

    @Flag(help: "Read {\"id\", \"text\"} objects from standard input, write one JSON result a line.")
    var jsonl = false

    @Flag(help: "Write JSON results for files too.")
    var json = false

    @Option(help: "Essays in work at the same time.")
    var concurrency = 2

    @OptionGroup var options: TritonOptions

    func validate() throws {
        guard files.isEmpty || !jsonl else { throw ValidationError("give files or --jsonl, not both") }
        guard (1...256).contains(concurrency) else { throw ValidationError("--concurrency must be between 1 and 256") }
    }

    func run() async throws {
        let configuration = try await GatewayConfiguration.load(
            arguments: options.arguments, file: options.config, defaults: .quiet)
        let backend = try Backend(configuration)
        do {
            let logger = try makeLogger(configuration)
            let analyzer = Analyzer(
                pipeline: try await backend.checkedPipeline(logger: logger), deadline: configuration.limits.deadline)
            try await run(analyzer)
        } catch {
            await backend.transport.shutdown()
            throw error
        }
        await backend.transport.shutdown()
    }

    private func run(_ analyzer: Analyzer) async throws {
        if jsonl {
            let bar = ProgressBar(total: nil)
            defer { bar.finish() }
            let processor = LineProcessor(concurrency: concurrency) { bar.update($0) }
            let failures = try await processor.run(LineReader(.standardInput), to: .standardOutput) { text, id in
                try await analyzer.line(text, id: id)
            }
            if failures > 0 { throw ExitCode.failure }
        } else {
            try await runFiles(analyzer)
        }
    }

    private func runFiles(_ analyzer: Analyzer) async throws {
        let bar = ProgressBar(total: files.isEmpty ? nil : files.count)
        let showsBar = files.count > 1
        var failures = 0
        let names = files.isEmpty ? ["-"] : files
        for (index, name) in names.enumerated() {
            let id = InputLine.JSONID.string(name)
            do {
                let analysis = try await analyzer.analysis(of: try Self.read(name))
                let output =
                    json ? try analyzer.encode(analysis, id: id) : Array(Summary.text(analysis, name: name).utf8)
                try FileHandle.standardOutput.write(contentsOf: Data(output + [UInt8(ascii: "\n")]))
            } catch let error as GatewayError {
                failures += 1
                let output = json ? try replyBytes(LineError(id: id, error)) : Array("\(name): \(error.message)".utf8)
                let stream = json ? FileHandle.standardOutput : FileHandle.standardError
                try stream.write(contentsOf: Data(output + [UInt8(ascii: "\n")]))
            }
            if showsBar { bar.update(index + 1) }
        }
        if showsBar { bar.finish() }
        if failures > 0 { throw ExitCode.failure }
    }

    private static func read(_ name: String) throws(GatewayError) -> String {
        let data: Data?
        if name == "-" {
            data = try? FileHandle.standardInput.readToEnd() ?? Data()
        } else {
            data = try? Data(contentsOf: URL(fileURLWithPath: name))
        }
        guard let data else { throw GatewayError(.notFound, "cannot be read; check the name and its permissions") }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw GatewayError(.invalidText, "is not UTF-8 text; convert it, or save it as plain text")
        }
        return text
    }
}

/// Runs single essays for the command line.
struct Analyzer: Sendable {
    let pipeline: ScorePipeline
    let deadline: Duration

    /// A result of `analyze --jsonl`: the HTTP reply with the line's id.
    struct Line: Encodable, Sendable {
        var id: InputLine.JSONID?
        var reply: AnalyzeReply

        enum CodingKeys: String, CodingKey { case id }

        func encode(to encoder: any Encoder) throws {
            try reply.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
        }
    }

    func analysis(of text: String) async throws(GatewayError) -> Analysis {
        try await pipeline.analyze(
            text, requestID: RequestID.accept(nil), deadline: ContinuousClock.now.advanced(by: deadline))
    }

    func line(_ text: String, id: InputLine.JSONID?) async throws -> [UInt8] {
        try encode(try await analysis(of: text), id: id)
    }

    func encode(_ analysis: Analysis, id: InputLine.JSONID?) throws -> [UInt8] {
        let reply = AnalyzeReply(
            analysis, requestID: RequestID.accept(nil), scoringVersion: pipeline.scoring.version)
        return try replyBytes(Line(id: id, reply: reply))
    }
}

/// A result for people at a terminal.
enum Summary {
    static func text(_ analysis: Analysis, name: String) -> String {
        let percent = (analysis.probability * 1000).rounded() / 10
        var lines = ["\(name): \(analysis.verdict.rawValue), probability of AI \(percent)%"]
        lines.append("  \(analysis.explanation.summary)")
        if analysis.verdict == .ai {
            let high = analysis.ensemble.humansScoring(atLeast: analysis.probability)
            lines.append("  Of \(analysis.ensemble.humanScores.count) held-out human essays, \(high) score this high.")
        }
        for term in analysis.explanation.terms.prefix(3) { lines.append("  \(term.sentence)") }
        if !analysis.missing.isEmpty {
            let names = analysis.missing.map(\.model.rawValue).joined(separator: ", ")
            lines.append("  Without \(names): less is known than usual.")
        }
        return lines.joined(separator: "\n")
    }
}
