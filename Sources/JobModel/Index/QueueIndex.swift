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

    /// The job that gets a place now, nil when there is no place or nobody waits.
    mutating func takeNext(_ name: String, width: Int, in records: JobRecords) -> Job? {
        guard let state = states[name], !state.isPaused, state.running < width, state.queued > 0 else { return nil }
        guard let next = states[name]?.waiting.first(where: { $0.isCurrent(in: records) }) else { return nil }
        states[name]?.waiting.removeFirst()
        return records[next.jobId]?.job
    }

    mutating func add(_ job: Job, among records: JobRecords) {
        guard !job.status.isFinal else { return }
        change(job.queue) { state in
            state.count(job, by: 1)
            if job.status == .queued { state.waiting.insert(Waiting(job)) }
        }
    }

    mutating func remove(_ job: Job, among records: JobRecords) {
        guard !job.status.isFinal else { return }
        change(job.queue) { state in
            state.count(job, by: -1)
            state.waiting.sweep(live: state.queued) { $0.isCurrent(in: records) }
        }
    }

    mutating func shrink() {
        for name in states.keys { states[name]?.waiting.shrink() }
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
    fileprivate var waiting = LazyHeap<Waiting>()

    fileprivate mutating func count(_ job: Job, by change: Int) {
        active += change
        switch job.status {
        case .processing: if job.runner == .jobd { running += change }
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
