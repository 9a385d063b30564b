/// By how much, and when, the wall clock was set since the map began, so that moments before and after it can be compared.
struct ClockChanges: Sendable {
    /// Changes that are remembered; moments of before the first of them count as of between it and the one before.
    private static let limit = 16

    private struct Change {
        /// What the clock showed after it.
        let moment: Timestamp
        /// All changes so far together.
        let total: Duration
    }

    private var changes: [Change] = []
    private var forgotten = Duration.zero

    /// What the clock was set ahead altogether.
    var total: Duration { changes.last?.total ?? .zero }

    /// Takes note that the clock was set ahead, or back, and shows `now` since.
    mutating func add(_ change: Duration, at now: Timestamp) {
        changes.append(Change(moment: now, total: total + change))
        if changes.count > Self.limit { forgotten = changes.removeFirst().total }
    }

    /// What a moment that the clock showed would be had it never been set.
    ///
    /// One that it showed twice, because it was set back, counts as the later: a span may become longer, and never shorter.
    func undone(_ moment: Timestamp) -> Timestamp {
        let total = changes.last { $0.moment <= moment }?.total ?? forgotten
        return moment + (.zero - total)
    }
}
