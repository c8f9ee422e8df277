import Foundation

/// The file with the keys' digests: `{"keys": [{"id", "name", "sha256", …}]}`. No key can be made from it.
struct KeyFile: Codable, Sendable, Equatable {
    struct Entry: Codable, Sendable, Equatable {
        var id: String
        /// Whose key it is; several keys may have the same name, so that one can be replaced before it is revoked.
        var name: String
        /// SHA-256 of the whole key, in hexadecimal.
        var sha256: String
        var created: Date
        var notBefore: Date?
        var expires: Date?
        /// Requests a minute; no limit where absent.
        var ratePerMinute: Int?
        /// Requests at once; no limit of its own where absent.
        var concurrency: Int?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case id, name, sha256, created, expires, concurrency
            case notBefore = "not_before"
            case ratePerMinute = "rate_per_minute"
        }
    }

    enum State: String, Sendable {
        case active, expired
        case notYet = "not yet"
    }

    /// The file cannot be used; `description` says why, and never holds a digest.
    struct Invalid: Error, Equatable, CustomStringConvertible {
        var problem: String
        var description: String { problem }
    }

    static let rates = 1...1_000_000
    static let concurrencies = 1...10_000

    var keys: [Entry] = []

    init(keys: [Entry] = []) {
        self.keys = keys
    }

    /// Reads and checks a file's bytes; nil stands for a file that could not be read.
    init(_ json: Data?) throws(Invalid) {
        guard let json else { throw Invalid(problem: "cannot be read") }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            self = try decoder.decode(KeyFile.self, from: json)
        } catch let error as Invalid {
            throw error
        } catch DecodingError.keyNotFound(let key, let context) {
            throw Invalid(problem: "\(Self.place(context)): \(key.stringValue) is missing")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            throw Invalid(problem: "\(Self.place(context)): has the wrong type")
        } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
            throw Invalid(problem: "\(Self.place(context)): must be a time such as 2027-01-31T00:00:00Z")
        } catch {
            throw Invalid(problem: "is not JSON")
        }
        try check()
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }
        return path.isEmpty ? "the file" : path.joined(separator: ".")
    }

    private func check() throws(Invalid) {
        for (place, entry) in keys.enumerated() {
            func wrong(_ words: String) -> Invalid { Invalid(problem: "keys.[\(place)]: \(words)") }
            guard APIKey.isID(entry.id) else { throw wrong("id must be 8 letters and digits") }
            guard Hexadecimal.bytes(entry.sha256)?.count == 32 else {
                throw wrong("sha256 must be 64 hexadecimal digits")
            }
            guard entry.ratePerMinute.map(Self.rates.contains) ?? true else {
                throw wrong("rate_per_minute must be between \(Self.rates.lowerBound) and \(Self.rates.upperBound)")
            }
            guard entry.concurrency.map(Self.concurrencies.contains) ?? true else {
                throw wrong(
                    "concurrency must be between \(Self.concurrencies.lowerBound) and \(Self.concurrencies.upperBound)")
            }
        }
        guard Set(keys.map(\.id)).count == keys.count else { throw Invalid(problem: "two keys have the same id") }
    }

    /// Writes the file in one step: whoever reads it sees the old keys or the new ones. A new file can be read by its
    /// owner only; a file that is there keeps its permissions.
    func write(to path: String) throws(Invalid) {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let files = FileManager.default
        let permissions = (try? files.attributesOfItem(atPath: path))?[.posixPermissions]
        // The file that takes the old one's place is nobody else's from the start.
        let mask = umask(0o077)
        defer { umask(mask) }
        do {
            let data = try encoder.encode(self) + Data("\n".utf8)
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
            if let permissions { try files.setAttributes([.posixPermissions: permissions], ofItemAtPath: path) }
        } catch {
            throw Invalid(problem: "cannot be written")
        }
    }
}

extension KeyFile.Entry {
    func state(at date: Date) -> KeyFile.State {
        if let notBefore, date < notBefore { return .notYet }
        if let expires, date >= expires { return .expired }
        return .active
    }

    /// A field that is mistyped would otherwise be a limit that does not hold, so unknown ones are refused.
    init(from decoder: any Decoder) throws {
        let known = Set(CodingKeys.allCases.map(\.stringValue))
        let names = try decoder.container(keyedBy: AnyName.self).allKeys.map(\.stringValue)
        if let unknown = names.sorted().first(where: { !known.contains($0) }) {
            let all = known.sorted().joined(separator: ", ")
            throw KeyFile.Invalid(problem: "unknown field \(unknown); known are \(all)")
        }
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(String.self, forKey: .id)
        name = try fields.decode(String.self, forKey: .name)
        sha256 = try fields.decode(String.self, forKey: .sha256)
        created = try fields.decode(Date.self, forKey: .created)
        notBefore = try fields.decodeIfPresent(Date.self, forKey: .notBefore)
        expires = try fields.decodeIfPresent(Date.self, forKey: .expires)
        ratePerMinute = try fields.decodeIfPresent(Int.self, forKey: .ratePerMinute)
        concurrency = try fields.decodeIfPresent(Int.self, forKey: .concurrency)
    }

    private struct AnyName: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) {
            return nil
        }
    }
}
