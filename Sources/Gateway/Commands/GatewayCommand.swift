import ArgumentParser

@main
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Says whether an essay was written by a language model or a person, how sure that is, and why.",
        discussion: """
            Settings come from the command line, then the environment (TRITON_URL, GATEWAY_PORT, LIMITS_MAX_TOKENS …), \
            then the file given with --config.
            """,
        subcommands: [
            ServeCommand.self, AnalyzeCommand.self, FeaturesCommand.self, TokenizeCommand.self, SegmentCommand.self,
            CleanCommand.self, KeysCommand.self, ModelsCommand.self, SettingsCommand.self,
        ],
        defaultSubcommand: nil)
}

/// Options that every command which talks to Triton has.
struct TritonOptions: ParsableArguments {
    @Option(
        name: .customLong("triton"), help: "Triton's URL: http, https, grpc or grpcs (default http://127.0.0.1:8000).")
    var triton: String?

    @Option(help: "A YAML or JSON file with settings.")
    var config: String?

    /// The command line's part of the configuration.
    var arguments: [String: String] {
        triton.map { ["triton.url": $0] } ?? [:]
    }
}
