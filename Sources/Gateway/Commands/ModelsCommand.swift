import ArgumentParser
import Foundation
import TritonClient

/// `gateway models`
struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Lists, loads and unloads the models of the inference server.",
        subcommands: [ListCommand.self, LoadCommand.self, UnloadCommand.self])
}

/// What the three have in common: the server, and how long it may take.
struct RepositoryOptions: ParsableArguments {
    @OptionGroup var options: TritonOptions

    @Option(help: "Seconds to wait for the server.")
    var timeout = 120

    func validate() throws {
        guard (1...3600).contains(timeout) else { throw ValidationError("--timeout must be between 1 and 3600") }
    }

    /// - Throws: `GatewayError`, whose words say what to do.
    func run(
        _ body: (any ModelRepositoryControl, ContinuousClock.Instant) async throws(TritonError) -> Void
    ) async throws {
        let configuration = try await GatewayConfiguration.load(
            arguments: options.arguments, file: options.config, defaults: .quiet)
        let transport = try Backend.transport(configuration)
        do throws(TritonError) {
            try await body(transport, .now.advanced(by: .seconds(timeout)))
        } catch {
            await transport.shutdown()
            throw GatewayError(.upstreamUnavailable, Self.words(for: error, url: configuration.tritonURL))
        }
        await transport.shutdown()
    }

    static func words(for error: TritonError, url: String) -> String {
        switch error {
        // Triton has no code of its own for this.
        case .server(_, let message) where message.contains("explicit model load / unload"):
            "the server does not take load and unload: start it with --model-control-mode=explicit"
        case .server(.unimplemented, _):
            "the server has no model repository extension; it is not a Triton, or hides it"
        case .server(_, let message): "the server says: \(message)"
        case .deadlineExceeded: "the server did not finish in time; look again with 'gateway models list'"
        case .unreachable(let reason): "the server cannot be reached (is it up, is --triton right?): \(reason)"
        case .connectionLost(let reason): "the connection broke; look again with 'gateway models list': \(reason)"
        case .invalidResponse(let reason): "the server's answer is not valid: \(reason)"
        case .invalidRequest(let reason): reason
        case .cancelled, .shutDown: "given up"
        }
    }
}

/// `gateway models list`
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists every version of every model in the server's repository: name, version, state, reason.")

    @Flag(help: "Write a JSON array of {\"name\", \"version\", \"state\", \"reason\"}.")
    var json = false

    @OptionGroup var repository: RepositoryOptions

    struct Entry: Encodable {
        var name: String
        var version: String
        var state: String
        var reason: String

        init(_ model: RepositoryModel) {
            (name, version, state, reason) = (model.name, model.version, model.state, model.reason)
        }
    }

    func run() async throws {
        var models: [RepositoryModel] = []
        try await repository.run { server, deadline throws(TritonError) in
            models = try await server.repositoryIndex(deadline: deadline)
        }
        models.sort { ($0.name, Int($0.version) ?? 0) < ($1.name, Int($1.version) ?? 0) }
        let output = json ? try replyBytes(models.map(Entry.init)) : Array(Self.table(models).utf8)
        try FileHandle.standardOutput.write(contentsOf: Data(output + [UInt8(ascii: "\n")]))
    }

    /// Columns as wide as their widest entry; the reason, which may be long, last.
    static func table(_ models: [RepositoryModel]) -> String {
        let rows =
            [["MODEL", "VERSION", "STATE", "REASON"]]
            + models.map {
                [
                    $0.name, $0.version.isEmpty ? "-" : $0.version, $0.state.isEmpty ? "not loaded" : $0.state,
                    $0.reason.split(whereSeparator: \.isNewline).joined(separator: " "),
                ]
            }
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let padded = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let line = (padded + [row[3]]).joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }
}

/// `gateway models load`
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Loads models, or loads them anew with what their folders hold now.",
        discussion: """
            The server must run in explicit model control mode. It loads the versions that the model's version_policy \
            names; a model that cannot be loaded anew stays as it was.
            """)

    @Argument(help: "Names of models.")
    var models: [String]

    @OptionGroup var repository: RepositoryOptions

    func run() async throws {
        try await repository.run { server, deadline throws(TritonError) in
            for model in models { try await server.loadModel(model, deadline: deadline) }
        }
    }
}

/// `gateway models unload`
struct UnloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unload",
        abstract: "Unloads models, every version of them.",
        discussion: """
            The server must run in explicit model control mode. To unload one version, take it out of the model's \
            version_policy and load the model anew.
            """)

    @Argument(help: "Names of models.")
    var models: [String]

    @OptionGroup var repository: RepositoryOptions

    func run() async throws {
        try await repository.run { server, deadline throws(TritonError) in
            for model in models { try await server.unloadModel(model, deadline: deadline) }
        }
    }
}
