import JobStorage

/// The decisions on their way to the store: one batch is being written, the next one fills meanwhile.
///
/// The busier the daemon, the more decisions share one write. The loop adds; the store's thread goes on with the next batch
/// by itself, because the loop may be busy with the replies to the last one. After a refusal it does not, until the loop has
/// taken back what was refused.
struct Batches: Sendable {
    /// Events of one write, about: what waits behind it is not to wait long.
    static let eventLimit = 1000
    /// Events that are told in one turn of the loop, about: a read that comes meanwhile waits as long.
    private static let toldLimit = 128

    private var open: [Decision] = []
    private var inFlight: [Decision] = []
    /// Durable, and not yet told to anybody.
    private var written: [Decision] = []
    /// Whether somebody will ask for the next batch, or has to be told first that the last one failed.
    private var isUnderWay = false
    /// Whether some of what was refused is in force still, because the loop has not taken it back yet.
    private var isRefused = false

    /// Whether something is durable and not told yet.
    var hasWritten: Bool { !written.isEmpty }
    var isIdle: Bool { open.isEmpty && inFlight.isEmpty && written.isEmpty && !isRefused }

    /// Adds a decision; returns whether the caller has to see to it that writing begins.
    mutating func add(_ decision: Decision) -> Bool {
        open.append(decision)
        defer { isUnderWay = true }
        return !isUnderWay
    }

    /// The next batch to write, nil when there is none.
    mutating func begin() -> [Decision]? {
        isUnderWay = !open.isEmpty
        precondition(inFlight.isEmpty, "one batch is written at a time")
        guard isUnderWay else { return nil }
        let count = Self.count(of: open, limit: Self.eventLimit)
        if count == open.count {
            swap(&inFlight, &open)
        } else {
            inFlight = Array(open[..<count])
            open.removeFirst(count)
        }
        return inFlight
    }

    /// The batch has been written.
    mutating func finish() {
        written += inFlight
        inFlight = []
    }

    /// The batch has been written but for some of it, by their place; returns those.
    ///
    /// What changes nothing and came behind a refused decision may rest on it, and is taken back to the open batch.
    mutating func finish(except refused: [Int: StoreError]) -> [(decision: Decision, error: StoreError)] {
        let first = refused.keys.min() ?? inFlight.count
        var (out, resting): ([(Decision, StoreError)], [Decision]) = ([], [])
        for (index, decision) in inFlight.enumerated() {
            if let error = refused[index] {
                out.append((decision, error))
            } else if index > first, decision.events.isEmpty {
                resting.append(decision)
            } else {
                written.append(decision)
            }
        }
        open = resting + open
        inFlight = []
        isRefused = !out.isEmpty
        return out
    }

    /// What has become durable and is not told yet, in order: about as many events as one turn of the loop may tell.
    mutating func takeWritten() -> [Decision] {
        let count = Self.count(of: written, limit: Self.toldLimit)
        guard count < written.count else {
            defer { written = [] }
            return written
        }
        defer { written.removeFirst(count) }
        return Array(written[..<count])
    }

    /// How many decisions have no more events than the limit; at least one.
    private static func count(of decisions: [Decision], limit: Int) -> Int {
        var (count, events) = (0, 0)
        while count < decisions.count, count == 0 || events + decisions[count].events.count <= limit {
            events += decisions[count].events.count
            count += 1
        }
        return count
    }

    /// Everything that is not durable, in order, after a batch was not written or not all of it.
    mutating func takeFailed() -> [Decision] {
        defer { (inFlight, open, isUnderWay, isRefused) = ([], [], false, false) }
        return inFlight + open
    }
}
