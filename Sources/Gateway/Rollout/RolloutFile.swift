import Foundation
import Yams

/// The file that `rollout.file` names, in YAML or JSON:
///
/// ```yaml
/// sets:
///   stable: {}                      # the built-in scoring file, or the one that scoring.file names
///   candidate:
///     scoring: scoring-2.json       # beside this file
///     versions: {bert_bilstm: 2}    # pinned; may be left out, since the scoring file's fit ids find the versions
/// serve: {stable: 90, candidate: 10} # percent; or the name of one set
/// shadow: candidate                 # may be left out
/// ```
struct RolloutFile {
    private let path: String

    /// - Parameters:
    ///   - standard: the scoring file of sets that name none.
    ///   - scoring: reads and checks a scoring file.
    /// - Throws: `GatewayConfiguration.Invalid` with the place in the file and what would do; what `scoring` throws.
    static func settings(
        _ path: String, standard: Scoring, scoring: (String) throws -> Scoring
    ) throws -> RolloutSettings {
        let file = RolloutFile(path: path)
        let root: Any?
        do {
            root = try Yams.load(yaml: String(contentsOfFile: path, encoding: .utf8))
        } catch {
            let words = "\(error)".split(separator: "\n").joined(separator: " ")
            throw file.invalid("cannot be read: \(words)")
        }
        let tree = try file.mapping(root, "the file", keys: ["sets", "serve", "shadow"])
        let sets = try file.sets(tree["sets"], standard: standard, scoring: scoring)
        let shares = try file.shares(tree["serve"], of: sets)
        return RolloutSettings(
            main: shares.main, others: shares.others,
            shadow: try tree["shadow"].map { try file.find($0, in: sets, for: "shadow") })
    }

    private func sets(
        _ value: Any?, standard: Scoring, scoring: (String) throws -> Scoring
    ) throws -> [String: ScoringSet] {
        let entries = try mapping(value, "sets")
        guard !entries.isEmpty else { throw invalid("sets names none") }
        var sets: [String: ScoringSet] = [:]
        for (name, entry) in entries {
            guard RequestID.isAcceptable(name) else {
                throw invalid("a set's name may hold letters, digits, '.', '_' and '-', at most 64 of them")
            }
            let fields = try mapping(entry is NSNull ? [String: Any]() : entry, name, keys: ["scoring", "versions"])
            var ownScoring = standard
            if let given = fields["scoring"] {
                guard let relative = given as? String else { throw invalid("\(name).scoring must be a file's name") }
                let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
                ownScoring = try scoring(URL(fileURLWithPath: relative, relativeTo: folder).path)
            }
            sets[name] = ScoringSet(name: name, scoring: ownScoring, versions: try versions(fields["versions"], name))
        }
        return sets
    }

    private func versions(_ value: Any?, _ set: String) throws -> [ModelName: String] {
        var versions: [ModelName: String] = [:]
        for (name, version) in try mapping(value ?? [String: Any](), "\(set).versions") {
            guard let model = ModelName(rawValue: name) else {
                let known = ModelName.allCases.map(\.rawValue).joined(separator: ", ")
                throw invalid("\(set).versions names \(name); the models are \(known)")
            }
            guard let number = version as? Int, number > 0 else {
                throw invalid("\(set).versions.\(name) must be a number from 1")
            }
            versions[model] = "\(number)"
        }
        return versions
    }

    private func shares(
        _ value: Any?, of sets: [String: ScoringSet]
    ) throws -> (main: RolloutSettings.Share, others: [RolloutSettings.Share]) {
        guard let value else { throw invalid("serve is missing; name the set that answers, or give each its percent") }
        if value is String { return (.init(set: try find(value, in: sets, for: "serve"), percent: 100), []) }
        var shares: [RolloutSettings.Share] = []
        for (name, number) in try mapping(value, "serve") {
            guard let percent = (number as? Double) ?? (number as? Int).map(Double.init), (0...100).contains(percent)
            else { throw invalid("serve.\(name) must be a percentage") }
            let chosen = try find(name, in: sets, for: "serve")
            if percent > 0 { shares.append(.init(set: chosen, percent: percent)) }
        }
        let sum = shares.reduce(0) { $0 + $1.percent }
        guard abs(sum - 100) < 1e-6 else { throw invalid("the percentages under serve make \(sum), not 100") }
        // The largest share first, the first by name among equal ones.
        shares.sort { ($1.percent, $0.set.name) < ($0.percent, $1.set.name) }
        return (shares.removeFirst(), shares)
    }

    private func find(_ value: Any, in sets: [String: ScoringSet], for key: String) throws -> ScoringSet {
        guard let name = value as? String, let set = sets[name] else {
            throw invalid("\(key) must name a set; there are \(sets.keys.sorted().joined(separator: ", "))")
        }
        return set
    }

    /// - Parameter keys: those that may appear; nil for any.
    private func mapping(_ value: Any?, _ place: String, keys: Set<String>? = nil) throws -> [String: Any] {
        guard let tree = value as? [String: Any] else { throw invalid("\(place) must hold a mapping") }
        if let keys, let key = tree.keys.sorted().first(where: { !keys.contains($0) }) {
            throw invalid("\(place) has no field \(key); known are \(keys.sorted().joined(separator: ", "))")
        }
        return tree
    }

    private func invalid(_ problem: String) -> GatewayConfiguration.Invalid {
        GatewayConfiguration.Invalid(key: "rollout.file", problem: "\(path): \(problem)")
    }
}
