import ArgumentParser

/// `gateway settings`
struct SettingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings", abstract: "Lists every setting with its default and what it does, as a Markdown table."
    )

    func run() {
        print(GatewayConfiguration.settingsTable, terminator: "")
    }
}
