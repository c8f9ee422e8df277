import Foundation
import Testing

@testable import Gateway

@Suite struct `A rollout file` {
    private static func settings(_ yaml: String) throws -> RolloutSettings {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "rollout.yaml")
        try Data(yaml.utf8).write(to: file)
        return try RolloutFile.settings(file.path, standard: Fixture.scoring) { path in
            var scoring = Fixture.scoring
            scoring.version = path.hasPrefix(folder.path) ? String(path.dropFirst(folder.path.count)) : path
            return scoring
        }
    }

    @Test func `says which sets there are, which answer, and which is shadowed`() throws {
        let settings = try Self.settings(
            """
            sets:
              stable: {}
              candidate:
                scoring: scoring-2.json
                versions: {bert_bilstm: 2, ebm: 3}
              third:
                scoring: /etc/scoring-3.json
            serve: {stable: 87.5, candidate: 12.5, third: 0}
            shadow: third
            """)
        #expect(
            settings.main == .init(set: .init(name: "stable", scoring: Fixture.scoring, versions: [:]), percent: 87.5))
        let candidate = try #require(settings.others.first)
        #expect(settings.others.count == 1, "a set without a share does not answer")
        #expect(candidate.percent == 12.5)
        #expect(candidate.set.versions == [.bertBiLSTM: "2", .ebm: "3"])
        #expect(candidate.set.scoring.version == "/scoring-2.json", "beside the rollout file")
        #expect(settings.shadow?.scoring.version == "/etc/scoring-3.json")
    }

    @Test func `may name one set that answers every text`() throws {
        let settings = try Self.settings("sets: {a: {}, b: {}}\nserve: b")
        #expect(settings.main.set.name == "b")
        #expect(settings.main.percent == 100)
        #expect(settings.others.isEmpty && settings.shadow == nil)
    }

    @Test(arguments: [
        ("", "must hold a mapping"), ("sets: [", "cannot be read"), ("- a", "must hold a mapping"),
        ("sets: {}\nserve: a", "sets names none"), ("sets: {a: {}}", "serve is missing"),
        ("sets: {a: {}}\nserve: b", "serve must name a set; there are a"),
        ("sets: {a: {}}\nserve: a\nshadow: b", "shadow must name a set; there are a"),
        ("sets: {a: {}}\nserve: {a: 90}", "make 90.0, not 100"),
        ("sets: {a: {}, b: {}}\nserve: {a: 110, b: -10}", "must be a percentage"),
        ("sets: {a: {}}\nserve: {a: all}", "must be a percentage"),
        ("sets: {a: {}}\nserve: a\nserved: a", "the file has no field served"),
        ("sets: {a: {score: x}}\nserve: a", "a has no field score"),
        ("sets: {a: {scoring: 1}}\nserve: a", "must be a file's name"),
        ("sets: {a: {versions: {bert: 2}}}\nserve: a", "names bert; the models are bert_bilstm"),
        ("sets: {a: {versions: {ebm: latest}}}\nserve: a", "must be a number from 1"),
        ("sets: {a: {versions: {ebm: 0}}}\nserve: a", "must be a number from 1"),
        ("sets: {'a b': {}}\nserve: 'a b'", "a set's name"),
    ])
    func `that cannot be used is refused with the place and the reason`(yaml: String, words: String) {
        let error = #expect(throws: GatewayConfiguration.Invalid.self) { try Self.settings(yaml) }
        #expect(error?.key == "rollout.file")
        #expect(error?.problem.contains(words) == true, "\(error?.problem ?? "")")
    }
}
