import Crypto
import Features

/// A set with what it takes to answer from it.
struct RolloutMember: Sendable {
    var set: ScoringSet
    var pipeline: ScorePipeline

    var name: String { self.set.name }

    /// Whether it can answer at present.
    var readiness: Readiness { Readiness(pipeline.catalog.snapshot, scoring: self.set.scoring) }
}

/// The sets in force. Never changed, only replaced as a whole, so that a request sees one plan from its beginning to its
/// end.
struct RolloutPlan: Sendable {
    struct Share: Sendable {
        var member: RolloutMember
        var percent: Double
    }

    /// The one with the largest share.
    let main: RolloutMember
    /// `main` and the others, by name; their percentages make 100.
    let shares: [Share]
    let shadow: RolloutMember?

    /// - Parameter member: makes what answers for a set.
    init(_ settings: RolloutSettings, member: (ScoringSet) -> RolloutMember) {
        let first = Share(member: member(settings.main.set), percent: settings.main.percent)
        let others = settings.others.map { Share(member: member($0.set), percent: $0.percent) }
        let shares = ([first] + others).sorted { $0.member.name < $1.member.name }
        main = first.member
        self.shares = shares
        shadow = settings.shadow.map { set in shares.first { $0.member.name == set.name }?.member ?? member(set) }
    }

    /// Every set of the plan, once.
    var members: [RolloutMember] {
        let serving = shares.map(\.member)
        guard let shadow, !serving.contains(where: { $0.name == shadow.name }) else { return serving }
        return serving + [shadow]
    }

    /// The set that answers a text: the same for the same text as long as the plan is the same.
    ///
    /// A set of a split that cannot answer at present leaves its texts to the main one: a canary must not cost answers.
    func member(for text: String) -> RolloutMember {
        // Cleaned once more than otherwise, a tenth of a millisecond, and only while there is a split.
        guard shares.count > 1 else { return main }
        let chosen = member(at: Self.place(of: TextCleaner.clean(text).text))
        return chosen.readiness == .notReady ? main : chosen
    }

    /// - Parameter place: of a text, 0..<100.
    func member(at place: Double) -> RolloutMember {
        var end = 0.0
        for share in shares {
            end += share.percent
            if place < end { return share.member }
        }
        return main
    }

    /// Where a cleaned text lies among all, in percent, 0..<100: evenly spread, and nothing can be told of the text from
    /// it. The first eight bytes of its SHA-256, as a share of all there are.
    static func place(of cleanText: String) -> Double {
        let number = SHA256.hash(data: Array(cleanText.utf8)).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // The shift leaves what a Double holds exactly, so that the result stays under 100.
        return Double(number >> 11) / Double(UInt64(1) << 53) * 100
    }
}
