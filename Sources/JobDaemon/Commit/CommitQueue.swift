import JobStorage

/// The decisions on their way to the store: one commit is being written, the next one fills meanwhile.
///
/// The busier the daemon, the more decisions share one write. The loop adds; the store's thread goes on with the next commit
/// by itself, because the loop may be busy with the replies to the last one. After a refusal it does not, until the loop has
/// taken back what was refused. Only one at a time tells what is written, until nothing is left.
struct CommitQueue: Sendable {
    /// Events of one write, about: what waits behind it is not to wait long.
    static let eventLimit = 1000
    /// Events that are told before somebody looks at the time, about.
    private static let toldLimit = 32

    private var open: [Decision] = []
    /// What the open decisions count as: events, and one for each that has none.
    private var openCount = 0
    private var inFlight: [Decision] = []
    /// Durable, and not yet told to anybody; none is empty.
    private var written: [ArraySlice<Decision>] = []
    /// Whether somebody tells what is written, and will look again.
    private var isTelling = false
    /// True while a write is under way or planned, and after a failure until ``takeFailed()``: nobody else begins one.
    private var isUnderWay = false
    /// Whether some of what was refused is in force still, because the loop has not taken it back yet.
    private var isRefused = false

    /// Whether something is durable and not told yet.
    var hasWritten: Bool { !written.isEmpty }
    /// Whether the next write is full already: what can wait should not come before it is under way.
    var isFull: Bool { openCount >= Self.eventLimit }
    var isIdle: Bool { open.isEmpty && inFlight.isEmpty && written.isEmpty && !isRefused }

    /// Adds a decision; returns whether the caller has to see to it that writing begins.
    mutating func add(_ decision: Decision) -> Bool {
        open.append(decision)
        openCount += decision.weight
        defer { isUnderWay = true }
        return !isUnderWay
    }

    /// The next commit to write, nil when there is none.
    mutating func begin() -> [Decision]? {
        isUnderWay = !open.isEmpty
        precondition(inFlight.isEmpty, "one commit is written at a time")
        guard isUnderWay else { return nil }
        let first = Self.first(of: open[...], limit: Self.eventLimit)
        if first.count == open.count {
            swap(&inFlight, &open)
        } else {
            inFlight = Array(open[..<first.count])
            open.removeFirst(first.count)
        }
        openCount -= first.weight
        return inFlight
    }

    /// The commit has been written; returns whether the caller has to see to it that it is told.
    mutating func finish() -> Bool {
        if !inFlight.isEmpty { written.append(inFlight[...]) }
        inFlight = []
        defer { isTelling = true }
        return !isTelling
    }

    /// The commit has been written but for some of it, by their place; returns those.
    ///
    /// What changes nothing and came behind a refused decision may rest on it, and is taken back to the open commit.
    mutating func finish(except refused: [Int: StoreError]) -> [(decision: Decision, error: StoreError)] {
        let first = refused.keys.min() ?? inFlight.count
        var (out, resting, durable): ([(Decision, StoreError)], [Decision], [Decision]) = ([], [], [])
        for (index, decision) in inFlight.enumerated() {
            if let error = refused[index] {
                out.append((decision, error))
            } else if index > first, decision.events.isEmpty {
                resting.append(decision)
            } else {
                durable.append(decision)
            }
        }
        if !durable.isEmpty { written.append(durable[...]) }
        open = resting + open
        openCount += resting.reduce(0) { $0 + $1.weight }
        inFlight = []
        isRefused = !out.isEmpty
        return out
    }

    /// A piece of what has become durable and is not told yet, in order; empty when there is nothing.
    mutating func takeWritten() -> ArraySlice<Decision> {
        guard let commit = written.first else { return [] }
        let count = Self.first(of: commit, limit: Self.toldLimit).count
        if count < commit.count { written[0] = commit.dropFirst(count) } else { written.removeFirst() }
        return commit.prefix(count)
    }

    /// Whether whoever tells has to look again; when not, whoever writes next sees to it.
    mutating func goesOnTelling() -> Bool {
        isTelling = hasWritten
        return isTelling
    }

    /// How many decisions have no more events than the limit, at least one; and what they count as.
    private static func first(of decisions: ArraySlice<Decision>, limit: Int) -> (count: Int, weight: Int) {
        var (count, weight) = (0, 0)
        for decision in decisions {
            guard count == 0 || weight + decision.weight <= limit else { break }
            weight += decision.weight
            count += 1
        }
        return (count, weight)
    }

    /// Everything that is not durable, in order, after a commit was not written or not all of it.
    mutating func takeFailed() -> [Decision] {
        defer { (inFlight, open, openCount, isUnderWay, isRefused) = ([], [], 0, false, false) }
        return inFlight + open
    }
}

extension Decision {
    /// What it takes to tell it, and what it adds to a write, in events.
    fileprivate var weight: Int { max(events.count, 1) }
}
