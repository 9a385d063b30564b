/// Who asks for slots: the daemon's own processor, which always does, and workers, in the order in which they asked.
///
/// An offer that got jobs is closed with the decision that gave them. When that is taken back, the offer is open again, in
/// its old turn.
struct Offers: Sendable {
    private struct Entry {
        let offer: Offer
        /// Lower ones asked earlier.
        let turn: Int64
        /// Jobs that it got.
        var given = 0
        /// Those of them whose start is not durable.
        var unsettled = 0
    }

    /// What workers line up for: jobs of a queue, of one type or of all.
    fileprivate struct Line: Hashable {
        let queue: String
        let jobType: String?
    }

    private struct Turn: Comparable {
        let turn: Int64
        let id: OfferID

        static func < (left: Turn, right: Turn) -> Bool { left.turn < right.turn }
    }

    private var open: [OfferID: Entry] = [:]
    /// Those that got jobs in decisions that are not durable.
    private var closed: [OfferID: Entry] = [:]
    /// Those that got something in the decision that is being made.
    private var touched: [OfferID] = []
    private var turns: [Line: LazyHeap<Turn>] = [:]
    /// Open offers in each line.
    private var counts: [Line: Int] = [:]
    private var lastTurn: Int64 = 0
    /// While true, the daemon's own processor does not ask for jobs that run programs.
    var isSandboxBroken = false

    var count: Int { open.count }

    /// Takes an offer; does nothing when it is there already.
    mutating func add(_ offer: Offer) {
        guard open[offer.id] == nil, closed[offer.id] == nil else { return }
        lastTurn += 1
        open(Entry(offer: offer, turn: lastTurn))
    }

    /// Takes an open offer back; false when it is not open, because it never was or has just got something.
    mutating func withdraw(_ id: OfferID) -> Bool {
        guard let entry = open.removeValue(forKey: id) else { return false }
        forget(entry)
        return true
    }

    /// Who takes a job of this type and queue: of several, who asked first.
    mutating func holder(of jobType: String, in queue: String, _ rules: Rules) -> Holder? {
        switch rules.work(of: jobType) {
        case .jobd:
            let isKept = isSandboxBroken && (rules.pipelines[jobType]?.runsPrograms ?? false)
            return isKept ? nil : .here
        case .workers:
            guard !open.isEmpty else { return nil }
            let turns = [jobType, nil].compactMap { first(of: Line(queue: queue, jobType: $0)) }
            return turns.min().flatMap { open[$0.id] }.map { .worker($0.offer) }
        }
    }

    /// Takes note that an offer got a job.
    mutating func give(to id: OfferID) {
        guard var entry = open[id] else { return }
        if entry.given == 0 { touched.append(id) }
        entry.given += 1
        entry.unsettled += 1
        open[id] = entry
        guard entry.given >= entry.offer.count else { return }
        close(id)
    }

    /// Closes what got something: the decision is made.
    mutating func decisionEnds() {
        guard !touched.isEmpty else { return }
        for id in touched where open[id] != nil { close(id) }
        touched = []
    }

    /// The start of a job that it got is durable.
    mutating func settle(_ id: OfferID) {
        guard var entry = closed[id] else { return }
        entry.unsettled -= 1
        closed[id] = entry.unsettled > 0 ? entry : nil
    }

    /// The start of a job that it got was taken back, as are all others of that decision.
    mutating func takeBack(_ id: OfferID) {
        guard var entry = closed[id] else { return }
        entry.unsettled -= 1
        closed[id] = entry.unsettled > 0 ? entry : nil
        if entry.unsettled == 0 { open(Entry(offer: entry.offer, turn: entry.turn)) }
    }

    private mutating func open(_ entry: Entry) {
        open[entry.offer.id] = entry
        for line in entry.offer.lines {
            counts[line, default: 0] += 1
            turns[line, default: LazyHeap()].insert(Turn(turn: entry.turn, id: entry.offer.id))
        }
    }

    private mutating func close(_ id: OfferID) {
        guard let entry = open.removeValue(forKey: id) else { return }
        closed[id] = entry
        forget(entry)
    }

    private mutating func forget(_ entry: Entry) {
        for line in entry.offer.lines {
            let count = (counts[line] ?? 1) - 1
            counts[line] = count > 0 ? count : nil
            if count > 0 {
                turns[line]?.sweep(live: count) { open[$0.id]?.turn == $0.turn }
            } else {
                turns[line] = nil
            }
        }
    }

    private mutating func first(of line: Line) -> Turn? {
        turns[line]?.first { open[$0.id]?.turn == $0.turn }
    }
}

extension Offer {
    fileprivate var lines: [Offers.Line] {
        queues.flatMap { queue in
            jobTypes.map { $0.map { Offers.Line(queue: queue, jobType: $0) } }
                ?? [Offers.Line(queue: queue, jobType: nil)]
        }
    }
}
