import Configuration
import Foundation
import SystemPackage
import Yams

extension GatewayConfiguration {
    /// Puts the sources together: command line over environment over file.
    /// - Parameters:
    ///   - arguments: keys of `GatewayConfiguration.keys` that the command line gave.
    ///   - file: a YAML or JSON file (YAML includes JSON), or nil.
    ///   - defaults: what holds where no source says otherwise.
    static func load(
        arguments: [String: String], file: String?, defaults: GatewayConfiguration = .init()
    ) async throws(Invalid) -> GatewayConfiguration {
        var providers: [any ConfigProvider] = [
            InMemoryProvider(
                name: "command line",
                values: Dictionary(
                    uniqueKeysWithValues: arguments.map { key, value in
                        (AbsoluteConfigKey(ConfigKey(key)), ConfigValue(.string(value), isSecret: false))
                    })),
            EnvironmentVariablesProvider(),
        ]
        if let file {
            try refuseUnknownKeys(file)
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(file)))
            } catch {
                throw Invalid(key: "--config", problem: "\(file) cannot be used: \(error)")
            }
        }
        return try GatewayConfiguration(reading: ConfigReader(providers: providers), defaults: defaults)
    }

    /// A mistyped key would otherwise leave its default in force without a word.
    private static func refuseUnknownKeys(_ file: String) throws(Invalid) {
        let root: Any?
        do {
            root = try Yams.load(yaml: String(contentsOfFile: file, encoding: .utf8))
        } catch {
            let words = "\(error)".split(separator: "\n").joined(separator: " ")
            throw Invalid(key: "--config", problem: "\(file) cannot be read: \(words)")
        }
        guard let root else { return }
        guard let tree = root as? [String: Any] else {
            throw Invalid(key: "--config", problem: "\(file) must hold a mapping")
        }
        let settings = flattened(tree, prefix: "").sorted { $0.key < $1.key }
        if let (key, _) = settings.first(where: { !keys.contains($0.key) }) {
            throw Invalid(key: key, problem: "no such setting; known are \(keys.sorted().joined(separator: ", "))")
        }
        // The reader would take a list for no value at all.
        if let (key, _) = settings.first(where: { $0.value is [Any] }) {
            throw Invalid(key: key, problem: "must be one value, not a list")
        }
    }

    private static func flattened(_ tree: [String: Any], prefix: String) -> [(key: String, value: Any)] {
        tree.flatMap { key, value in
            (value as? [String: Any]).map { flattened($0, prefix: prefix + key + ".") } ?? [(prefix + key, value)]
        }
    }
}
