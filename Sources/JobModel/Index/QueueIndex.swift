/// Who runs and who waits in each queue.
struct QueueIndex: JobIndex {
    private var states: [String: QueueState] = [:]
    /// Queues that have more to start than one decision may.
    private(set) var unfinished: Set<String> = []

    /// Queues that have jobs or a pause.
    var names: some Sequence<String> { states.lazy.filter { $0.value.isPaused || $0.value.active > 0 }.map(\.key) }

    subscript(name: String) -> QueueState { states[name] ?? QueueState() }

    mutating func setPaused(_ isPaused: Bool, _ name: String) { change(name) { $0.isPaused = isPaused } }

    mutating func setUnfinished(_ name: String, _ isUnfinished: Bool) {
        if isUnfinished { unfinished.insert(name) } else { unfinished.remove(name) }
    }

    /// The job that gets a place now, and who gets it; nil when there is no place, nobody waits, or nobody asks.
    mutating func takeNext(
        _ name: String, width: Int, in records: JobRecords, asked offers: inout Offers, rules: Rules
    ) -> (Job, Holder)? {
        guard
            let (waiting, holder) = states[name]?.takeNext(
                width: width, in: records, holder: { offers.holder(of: $0, in: name, rules) }),
            let job = records[waiting.jobId]?.job
        else { return nil }
        return (job, holder)
    }

    mutating func add(_ job: Job, among records: JobRecords) {
        guard !job.status.isFinal else { return }
        change(job.queue) { state in
            state.count(job, by: 1)
            if job.status == .queued { state.insert(job) }
        }
    }

    mutating func remove(_ job: Job, among records: JobRecords) {
        guard !job.status.isFinal else { return }
        change(job.queue) { state in
            state.count(job, by: -1)
            if job.status == .queued { state.leave(job, among: records) }
        }
    }

    mutating func shrink() {
        for name in states.keys { states[name]?.shrink() }
    }

    private mutating func change(_ name: String, _ change: (inout QueueState) -> Void) {
        change(&states[name, default: QueueState()])
    }
}

/// The places of one queue.
struct QueueState: Sendable {
    var isPaused = false
    /// Jobs that have a place.
    private(set) var running = 0
    /// Jobs that wait for one.
    private(set) var queued = 0
    /// Jobs that have not ended.
    private(set) var active = 0
    /// Those that wait, by type: not everybody who asks takes every type.
    fileprivate var lanes: [Lane] = []

    fileprivate struct Lane: Sendable {
        let jobType: String
        /// Jobs that wait here.
        var count = 0
        var waiting = LazyHeap<Waiting>()
    }

    /// Takes the first of those that somebody asks for.
    fileprivate mutating func takeNext(
        width: Int, in records: JobRecords, holder: (String) -> Holder?
    ) -> (Waiting, Holder)? {
        guard !isPaused, running < width, queued > 0 else { return nil }
        var best: (waiting: Waiting, lane: Int, holder: Holder)?
        for lane in lanes.indices {
            guard let holder = holder(lanes[lane].jobType),
                let first = lanes[lane].waiting.first(where: { $0.isCurrent(in: records) })
            else { continue }
            if best.map({ first < $0.waiting }) ?? true { best = (first, lane, holder) }
        }
        guard let best else { return nil }
        lanes[best.lane].waiting.removeFirst()
        return (best.waiting, best.holder)
    }

    fileprivate mutating func insert(_ job: Job) {
        let lane = lanes.firstIndex { $0.jobType == job.jobType } ?? lanes.count
        if lane == lanes.count { lanes.append(Lane(jobType: job.jobType)) }
        lanes[lane].count += 1
        lanes[lane].waiting.insert(Waiting(job))
    }

    fileprivate mutating func leave(_ job: Job, among records: JobRecords) {
        guard let lane = lanes.firstIndex(where: { $0.jobType == job.jobType }) else { return }
        lanes[lane].count -= 1
        if lanes[lane].count == 0, lanes.count > 1 {
            lanes.remove(at: lane)
        } else {
            lanes[lane].waiting.sweep(live: lanes[lane].count) { $0.isCurrent(in: records) }
        }
    }

    fileprivate mutating func shrink() {
        for lane in lanes.indices { lanes[lane].waiting.shrink() }
    }

    fileprivate mutating func count(_ job: Job, by change: Int) {
        active += change
        switch job.status {
        case .processing: if job.holdsPlace { running += change }
        case .queued: queued += change
        case .pending, .scheduled, .completed, .failed, .cancelled: break
        }
    }
}

/// A job that waits for a place: higher priority first, then older first.
private struct Waiting: Comparable, Sendable {
    let priority: Int
    let number: Int64
    let jobId: JobID

    init(_ job: Job) {
        priority = job.priority
        number = job.number
        jobId = job.jobId
    }

    func isCurrent(in records: JobRecords) -> Bool {
        guard let job = records[jobId]?.job else { return false }
        return job.status == .queued && job.priority == priority
    }

    static func < (left: Waiting, right: Waiting) -> Bool {
        (-left.priority, left.number) < (-right.priority, right.number)
    }
}
