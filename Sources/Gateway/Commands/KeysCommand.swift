import ArgumentParser
import Foundation

/// `gateway keys`
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Makes, lists and revokes the keys that callers of the gateway need.",
        discussion: """
            The file holds digests, from which no key can be made. A gateway that runs takes a changed file within \
            seconds, or at once on SIGHUP. To replace a key: create a second one under the same name, hand it out, \
            revoke the first.
            """,
        subcommands: [Create.self, List.self, Revoke.self])

    /// Which file the command is about.
    struct FileOption: ParsableArguments {
        @Option(help: "The keys file (default: the environment's AUTH_KEYS_FILE).", completion: .file())
        var file: String?

        func path() throws -> String {
            if let path = file ?? ProcessInfo.processInfo.environment["AUTH_KEYS_FILE"], !path.isEmpty { return path }
            throw ValidationError("name the keys file with --file, or in the environment as AUTH_KEYS_FILE")
        }

        func read() throws -> KeyFile {
            let path = try path()
            do {
                return try KeyFile(try? Data(contentsOf: URL(fileURLWithPath: path)))
            } catch {
                throw ValidationError("\(path): \(error)")
            }
        }

        func write(_ keys: KeyFile) throws {
            let path = try path()
            do {
                try keys.write(to: path)
            } catch {
                throw ValidationError("\(path): \(error)")
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a key, prints it once and keeps its digest.",
            discussion: """
                The key alone goes to standard output. A time is 90d or 12h from now, 2027-01-31 (its first moment, UTC) \
                or 2027-01-31T08:00:00Z.
                """)

        @Argument(help: "Whose key it is: letters, digits, '.', '_' and '-', at most 64.")
        var name: String

        @OptionGroup var file: FileOption

        @Option(help: "Requests a minute, such as 60/min (default: no limit).")
        var rate: String?

        @Option(help: "Requests at the same time (default: no limit but the gateway's own).")
        var concurrency: Int?

        @Option(help: "When the key ends (default: never).")
        var expires: String?

        @Option(help: "When the key begins to be good (default: now).")
        var notBefore: String?

        func validate() throws {
            guard RequestID.isAcceptable(name) else {
                throw ValidationError("NAME must be 1 to 64 letters, digits, '.', '_' and '-'")
            }
            _ = try ratePerMinute()
            guard concurrency.map(KeyFile.concurrencies.contains) ?? true else {
                throw ValidationError("--concurrency must be between 1 and \(KeyFile.concurrencies.upperBound)")
            }
            let now = Date.now
            let (begin, end) = (try moment(notBefore, "--not-before", now), try moment(expires, "--expires", now))
            if let end, end <= max(now, begin ?? now) {
                throw ValidationError("--expires must lie in the future, and after --not-before")
            }
        }

        func run() async throws {
            let path = try file.path()
            var keys = FileManager.default.fileExists(atPath: path) ? try file.read() : KeyFile()
            var key = APIKey.make()
            while keys.keys.contains(where: { $0.id == key.id }) { key = APIKey.make() }
            let now = Date.now
            let entry = KeyFile.Entry(
                id: key.id, name: name, sha256: key.sha256, created: now,
                notBefore: try moment(notBefore, "--not-before", now), expires: try moment(expires, "--expires", now),
                ratePerMinute: try ratePerMinute(), concurrency: concurrency)
            keys.keys.append(entry)
            try file.write(keys)
            KeysCommand.note("key \(key.id) for \(name); this is the only time that it is shown:")
            print(key.text)
        }

        private func ratePerMinute() throws -> Int? {
            guard let rate else { return nil }
            let number = rate.hasSuffix("/min") ? String(rate.dropLast(4)) : rate
            guard let value = Int(number), KeyFile.rates.contains(value) else {
                throw ValidationError("--rate must be a number a minute, such as 60/min, of at most 1000000")
            }
            return value
        }

        private func moment(_ text: String?, _ option: String, _ now: Date) throws -> Date? {
            guard let text else { return nil }
            if let date = Moment.date(text, now: now) { return date }
            throw ValidationError("\(option) must be 90d, 12h, 2027-01-31 or 2027-01-31T08:00:00Z")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the keys, tab-separated, with a heading.")

        @OptionGroup var file: FileOption

        func run() async throws {
            let now = Date.now
            print("id\tname\tstate\tcreated\tnot_before\texpires\trate_per_minute\tconcurrency")
            for key in try file.read().keys {
                let columns = [
                    key.id, key.name, key.state(at: now).rawValue, key.created.formatted(.iso8601),
                    key.notBefore?.formatted(.iso8601) ?? "-", key.expires?.formatted(.iso8601) ?? "-",
                    key.ratePerMinute.map(String.init) ?? "-", key.concurrency.map(String.init) ?? "-",
                ]
                print(columns.joined(separator: "\t"))
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes a key out of the file.")

        @Argument(help: "The key's id, as `gateway keys list` shows it.")
        var id: String

        @OptionGroup var file: FileOption

        func run() async throws {
            var keys = try file.read()
            guard let place = keys.keys.firstIndex(where: { $0.id == id }) else {
                throw ValidationError("no key with this id; `gateway keys list` shows them")
            }
            let key = keys.keys.remove(at: place)
            try file.write(keys)
            KeysCommand.note("key \(key.id) for \(key.name) is revoked")
        }
    }

    /// For the person at the terminal, apart from the output.
    fileprivate static func note(_ words: String) {
        try? FileHandle.standardError.write(contentsOf: Data((words + "\n").utf8))
    }
}

/// A time as a person writes it.
enum Moment {
    /// - Parameter text: `90d` or `12h` from now, a day (its first moment, UTC), or a time in ISO 8601.
    /// - Returns: nil where it is none of these.
    static func date(_ text: String, now: Date) -> Date? {
        let seconds: [Character: Int] = ["d": 86_400, "h": 3_600]
        if let unit = text.last.flatMap({ seconds[$0] }), let count = Int(text.dropLast()), (1...36_500).contains(count)
        {
            return now.addingTimeInterval(TimeInterval(count * unit))
        }
        if let time = try? Date(text, strategy: .iso8601) { return time }
        return text.utf8.count == 10 ? try? Date(text + "T00:00:00Z", strategy: .iso8601) : nil
    }
}
