import JSON
import JobModel
import JobStorage
import JobWire
import Logging

/// What the daemon counts and shows of itself: made of events that are durable, and of nothing else.
struct Gauges {
    private(set) var totals = StoreTotals()
    private(set) var statistics = Statistics()
    private(set) var types = TypeStatistics()
    private(set) var metrics: DaemonMetrics
    private var endLog = EndLog()
    /// Jobs that have a slot, by queue; one without any may be missing.
    private var running: [String: Int] = [:]
    private(set) var silent = SilentJobs()
    private var pausedQueues: Set<String> = []
    /// What each front told last.
    private(set) var fronts: [ObjectIdentifier: FrontReport] = [:]
    private(set) var connectionCount = 0

    init(queues: some Sequence<String>) {
        metrics = DaemonMetrics(queues: queues)
    }

    /// Takes in what the store holds.
    mutating func load(_ snapshot: Snapshot, totals: StoreTotals) {
        self.totals = totals
        pausedQueues = Set(snapshot.pausedQueues)
        for job in snapshot.jobs {
            if job.holdsSlot { running[job.asked.queue, default: 0] += 1 }
            silent.note(.job(job))
        }
    }

    /// Counts what an event that is durable means.
    mutating func record(_ event: Event, by clock: WallClock, to logger: Logger) {
        totals.count(event)
        switch event {
        case .job(let event):
            statistics.record(event, by: clock)
            types.record(event, by: clock)
            metrics.record(event, by: clock)
            silent.note(event.after)
            if let before = event.before { countSlot(of: before, by: -1) }
            countSlot(of: event.after, by: 1)
            if event.kind == .finished, let job = event.after.job { endLog.add(job, by: clock, to: logger) }
        case .queue(let name, _, let isPaused):
            if isPaused { pausedQueues.insert(name) } else { pausedQueues.remove(name) }
        case .file, .named: break
        }
    }

    private mutating func countSlot(of record: JobRecord, by change: Int) {
        if record.holdsSlot, let queue = record.queue { running[queue, default: 0] += change }
    }

    // MARK: Connections and fronts

    mutating func connectionBegan() { connectionCount += 1 }

    mutating func connectionEnded(_ id: ObjectIdentifier) {
        connectionCount -= 1
        fronts[id] = nil
    }

    mutating func record(_ report: FrontReport, of id: ObjectIdentifier) {
        fronts[id] = report
        metrics.record(report.requests)
    }

    // MARK: Queues

    func isPaused(_ queue: String) -> Bool { pausedQueues.contains(queue) }

    /// What there is of a queue.
    func summary(ofQueue name: String, in map: JobMap) -> JSONValue {
        [
            "name": .string(name), "width": JSONValue(map.rules.widths[name] ?? 1),
            "running": JSONValue(running[name] ?? 0),
            "queued": JSONValue(totals.jobs[StoreTotals.Key(queue: name, status: .queued)] ?? 0),
            "paused": .bool(isPaused(name)),
            "oldestQueuedAt": map.firstQueuedAt(in: name).map { JSONValue($0) } ?? .null,
        ]
    }

    /// Those that are configured, are paused, or have jobs that are to run.
    func queues(in map: JobMap) -> JSONValue {
        var names = Set(map.rules.widths.keys).union(pausedQueues)
        for (place, count) in totals.jobs where count > 0 && !place.status.isFinal { names.insert(place.queue) }
        return .array(names.sorted().map { summary(ofQueue: $0, in: map) })
    }

    /// Jobs in each state.
    var counts: JSONValue {
        .object(
            JSONObject(
                JobStatus.allCases.map { status in
                    .init(key: status.rawValue, value: JSONValue(totals.count(of: status)))
                }))
    }
}
