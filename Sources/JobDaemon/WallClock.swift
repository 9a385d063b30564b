import JobModel

/// Notices when somebody sets the time of day while the daemon runs, by comparing it with the time that has passed.
struct WallClock {
    /// A moment when the clock was set, as it was before and afterwards.
    private struct Jump {
        let before: Timestamp
        let after: Timestamp
    }

    /// Less is the clock being kept right.
    private static let smallest = Duration.seconds(1)
    /// Jumps that are remembered: spans reach over the last ones.
    private static let limit = 16

    private var last: (now: Timestamp, passed: Duration)?
    private var jumps: [Jump] = []

    /// Takes note of a reading; returns by how much the clock was set ahead, or back, since the last one.
    mutating func read(_ now: Timestamp, passed: Duration) -> Duration? {
        defer { last = (now, passed) }
        guard let last else { return nil }
        let expected = last.now + (passed - last.passed)
        let change = now - expected
        guard change > Self.smallest || change < .zero - Self.smallest else { return nil }
        jumps = jumps.suffix(Self.limit - 1) + [Jump(before: expected, after: now)]
        return change
    }

    /// How many milliseconds passed between two moments that were read in this order.
    ///
    /// Where the clock was set back, moments before and after it look alike: then the span is the shortest that can be.
    func milliseconds(from start: Timestamp, to end: Timestamp) -> Int64 {
        var span = end.milliseconds - start.milliseconds
        for jump in jumps {
            let change = jump.after.milliseconds - jump.before.milliseconds
            if change > 0 {
                if start <= jump.before, end >= jump.after { span -= change }
            } else if span < 0 {
                span -= change
            }
        }
        return max(span, 0)
    }
}
