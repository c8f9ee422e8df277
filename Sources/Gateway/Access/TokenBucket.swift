/// A rate limit: so many requests at once as a minute allows, then one whenever its share of the minute has passed.
struct TokenBucket: Sendable, Equatable {
    let perMinute: Int
    private var tokens: Double
    private var updated: ContinuousClock.Instant

    init(perMinute: Int, now: ContinuousClock.Instant) {
        self.perMinute = perMinute
        tokens = Double(perMinute)
        updated = now
    }

    /// Takes one token.
    /// - Returns: nil, or, where there is none, how long until there will be one; nothing is taken then.
    mutating func take(at now: ContinuousClock.Instant) -> Duration? {
        refill(now)
        guard tokens >= 1 else { return .seconds((1 - tokens) * 60 / Double(perMinute)) }
        tokens -= 1
        return nil
    }

    /// Takes more than one request is worth, if need be from the minutes to come.
    mutating func charge(_ count: Int, at now: ContinuousClock.Instant) {
        refill(now)
        tokens -= Double(count)
    }

    private mutating func refill(_ now: ContinuousClock.Instant) {
        let seconds = max(.zero, updated.duration(to: now)) / .seconds(1)
        tokens = min(Double(perMinute), tokens + seconds * Double(perMinute) / 60)
        updated = max(updated, now)
    }
}
