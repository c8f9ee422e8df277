/// `rollout` of `/v1/models` and `/health/ready`: which scoring sets answer.
struct RolloutReply: Encodable, Sendable {
    struct Member: Encodable, Sendable {
        var set: String
        /// Of the texts; absent for a set that only shadows.
        var percent: Double?
        /// `ready`, `degraded` or `not_ready`.
        var status: String
        var scoringVersion: String
        /// Of the models that are ready, by name: the version in use.
        var versions: [String: String]
        /// Of the others, by name: what is wrong.
        var problems: [String: String]

        enum CodingKeys: String, CodingKey {
            case set, percent, status, versions, problems
            case scoringVersion = "scoring_version"
        }

        init(_ member: RolloutMember, percent: Double? = nil) {
            let states = member.pipeline.catalog.snapshot
            set = member.name
            self.percent = percent
            status = member.readiness.rawValue
            scoringVersion = member.set.scoring.version
            versions = Self.byName(states) { $0.info?.version }
            problems = Self.byName(states) { $0.problem }
        }

        private static func byName(
            _ states: [ModelName: ModelState], _ value: (ModelState) -> String?
        ) -> [String: String] {
            Dictionary(
                uniqueKeysWithValues: states.compactMap { model, state in
                    value(state).map { (model.rawValue, $0) }
                })
        }
    }

    var serving: [Member]
    var shadow: Member?

    init(_ plan: RolloutPlan) {
        serving = plan.shares.map { Member($0.member, percent: $0.percent) }
        shadow = plan.shadow.map { Member($0) }
    }
}
