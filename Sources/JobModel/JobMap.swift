/// All rules about jobs: commands go in, events come out.
///
/// The map does no I/O and reads no clock. It holds every job that is not final; final jobs, tombstones and files are
/// guests that its owner admits when a command names them, and forgets later.
///
/// Events are in force in the map at once. Their owner makes them durable and says so with ``settle(_:)``, or takes them
/// back with ``undo(_:)``; until then nothing that they changed is forgotten, or read anew from a store.
package struct JobMap: Sendable {
    /// May change at any time; a ``Command/tick`` then starts what has become possible.
    package var rules: Rules
    /// While true no job is started: the daemon is stopping.
    package var isDraining = false

    private(set) var records: [JobID: JobRecord] = [:]
    /// A file that was deleted is known to be absent, which is not the same as unknown.
    private var files: [FileID: FileRecord?] = [:]
    /// By how many events each record is ahead of what is durable.
    private var unsettled = Unsettled()
    private var queues: [String: QueueState] = [:]
    /// Waiting for their `runAt`.
    private var timers = LazyHeap<Timer>()
    private var scheduledCount = 0
    private(set) var nextNumber: Int64

    package init(rules: Rules, nextNumber: Int64 = 1) {
        self.rules = rules
        self.nextNumber = nextNumber
    }

    // MARK: What is known

    /// Nil when the map does not know the id; the store may.
    package func record(_ id: JobID) -> JobRecord? { records[id] }

    /// Nil when there is no such file, or when the map does not know.
    package func file(_ id: FileID) -> FileRecord? { files[id] ?? nil }

    /// Whether a store would have nothing to say about a file that the map does not know better.
    package func knows(_ id: FileID) -> Bool { files[id] != nil }

    /// The earliest moment at which ``Command/tick`` would do something.
    package mutating func nextDeadline() -> Timestamp? {
        timers.first { [records] in $0.isCurrent(in: records) }?.at
    }

    /// Takes in what a store holds; replaces nothing that is known already.
    package mutating func admit(_ record: JobRecord) {
        if records[record.jobId] == nil { replace(record) }
    }

    package mutating func admit(_ file: FileRecord) {
        if files[file.file.fileId] == nil { replace(file) }
    }

    package mutating func admit(pausedQueue name: String) { queues[name, default: QueueState()].isPaused = true }

    /// Takes over what a store has instead of what the map believed.
    package mutating func replace(_ record: JobRecord) {
        replace(records[record.jobId], with: record, for: record.jobId)
    }

    package mutating func replace(_ file: FileRecord) { files.updateValue(file, forKey: file.file.fileId) }

    /// Drops a job that turned out not to exist.
    package mutating func remove(_ id: JobID) { replace(records[id], with: nil, for: id) }

    /// Drops a guest; an active job stays, and whatever has changed in a way that is not durable.
    ///
    /// - Returns: Whether the map does not know the id any more.
    @discardableResult
    package mutating func forget(_ id: JobID) -> Bool {
        guard let record = records[id] else { return true }
        guard !record.isActive, !unsettled.contains(id) else { return false }
        records[id] = nil
        return true
    }

    /// Drops what is known of a file, unless it has changed in a way that is not durable.
    ///
    /// - Returns: Whether the map does not know the id any more.
    @discardableResult
    package mutating func forget(_ id: FileID) -> Bool {
        guard !unsettled.contains(id) else { return false }
        files.removeValue(forKey: id)
        return true
    }

    /// Jobs that are running, waiting for a place, and whether the queue is paused.
    package func queue(_ name: String) -> (running: Int, queued: Int, isPaused: Bool) {
        let state = queues[name] ?? QueueState()
        return (state.running, state.queued, state.isPaused)
    }

    /// Whether so many jobs have left that most of the memory for them is empty.
    package var isSparse: Bool { records.isSparse || files.isSparse }

    /// Gives back the memory of jobs that have left; takes as long as moving those that are there.
    package mutating func shrink() {
        records.shrink()
        files.shrink()
        timers.shrink()
        for name in queues.keys { queues[name]?.waiting.shrink() }
    }

    package var activeJobs: some Sequence<Job> { records.values.lazy.filter(\.isActive).compactMap(\.job) }

    // MARK: Change

    /// Takes an event back; events are undone in the reverse of their order.
    package mutating func undo(_ event: Event) {
        unsettled.remove(event)
        switch event {
        case .job(let event): replace(event.after, with: event.before, for: event.after.jobId)
        case .file(let event):
            let id = event.fileId
            if event.before == nil, !unsettled.contains(id) {
                files.removeValue(forKey: id)
            } else {
                files.updateValue(event.before, forKey: id)
            }
        case .queue(let name, let wasPaused, _): queues[name, default: QueueState()].isPaused = wasPaused
        }
    }

    /// Takes note that an event is durable.
    package mutating func settle(_ event: Event) { unsettled.remove(event) }

    /// Puts an event in force and adds it to the list.
    mutating func put(_ event: Event, to events: inout [Event]) {
        unsettled.add(event)
        switch event {
        case .job(let event): replace(event.before, with: event.after, for: event.after.jobId)
        case .file(let event): files.updateValue(event.after, forKey: event.fileId)
        case .queue(let name, _, let isPaused): queues[name, default: QueueState()].isPaused = isPaused
        }
        events.append(event)
    }

    /// Makes a job's next state of its present one; only what `change` alters can differ.
    @discardableResult
    mutating func put(
        _ kind: JobEvent.Kind, _ job: Job, at now: Timestamp, lines: [LogLine] = [], to events: inout [Event],
        change: (inout Job) -> Void
    ) -> Job {
        var after = job
        change(&after)
        if after != job {
            after.version += 1
            after.updatedAt = now
        }
        let first = after.lineCount
        let numbered = lines.enumerated().map { index, line in
            var line = line
            line.number = first + Int64(index) + 1
            line.run = after.run ?? 0
            return line
        }
        after.lineCount += Int64(lines.count)
        guard after != job else { return job }
        after.revision += 1
        put(.job(JobEvent(kind: kind, before: .job(job), after: .job(after), lines: numbered)), to: &events)
        return after
    }

    mutating func takeNumber() -> Int64 {
        defer { nextNumber += 1 }
        return nextNumber
    }

    // MARK: Places

    /// Starts jobs while their queue has places.
    mutating func fill(_ name: String, at now: Timestamp, events: inout [Event]) {
        guard !isDraining else { return }
        let width = width(of: name)
        while let next = queues[name]?.takeNext(width: width, in: records), let job = records[next.jobId]?.job {
            put(.started, job, at: now, to: &events) { job in
                job.status = .processing
                job.runner = .jobd
                job.attempt += 1
                job.run = (job.run ?? 0) + 1
                job.progress = 0
                job.step = nil
                job.error = nil
                job.startedAt = now
                job.runAt = nil
            }
        }
    }

    /// Starts whatever can be started in any queue.
    mutating func fillAll(at now: Timestamp, events: inout [Event]) {
        for name in queues.keys.sorted() { fill(name, at: now, events: &events) }
    }

    /// A scheduled job whose `runAt` has come; nil when there is none left.
    mutating func nextDueJob(at now: Timestamp) -> Job? {
        guard let timer = timers.first(where: { [records] in $0.isCurrent(in: records) }), timer.at <= now else {
            return nil
        }
        return records[timer.jobId]?.job
    }

    /// A queue that the configuration no longer names has one place, so that its jobs come to an end.
    private func width(of name: String) -> Int { max(rules.widths[name] ?? 1, 1) }

    /// The only place where a record changes: keeps counts, places and timers in step with it, in both directions.
    private mutating func replace(_ before: JobRecord?, with after: JobRecord?, for id: JobID) {
        if let job = before?.job { count(job, by: -1) }
        records[id] = after
        if let job = after?.job { count(job, by: 1) }
    }

    private mutating func count(_ job: Job, by change: Int) {
        switch job.status {
        case .processing:
            if job.runner == .jobd { queues[job.queue, default: QueueState()].running += change }
        case .queued:
            queues[job.queue, default: QueueState()].count(Waiting(job), by: change, in: records)
        case .scheduled:
            guard let at = job.runAt else { return }
            scheduledCount += change
            if change > 0 { timers.insert(Timer(at: at, jobId: job.jobId)) }
            timers.compact(live: scheduledCount) { [records] in $0.isCurrent(in: records) }
        case .pending, .completed, .failed, .cancelled: break
        }
    }
}

/// The places of one queue.
private struct QueueState: Sendable {
    var isPaused = false
    var running = 0
    var queued = 0
    var waiting = LazyHeap<Waiting>()

    mutating func count(_ entry: Waiting, by change: Int, in records: [JobID: JobRecord]) {
        queued += change
        if change > 0 { waiting.insert(entry) }
        waiting.compact(live: queued) { $0.isCurrent(in: records) }
    }

    /// The job that gets a place now, nil when there is no place or nobody waits.
    mutating func takeNext(width: Int, in records: [JobID: JobRecord]) -> Waiting? {
        guard !isPaused, running < width, queued > 0 else { return nil }
        defer { waiting.removeFirst() }
        return waiting.first { $0.isCurrent(in: records) }
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

    func isCurrent(in records: [JobID: JobRecord]) -> Bool { records[jobId]?.job?.status == .queued }

    static func < (left: Waiting, right: Waiting) -> Bool {
        (-left.priority, left.number) < (-right.priority, right.number)
    }
}

/// A job that waits for its `runAt`.
private struct Timer: Comparable, Sendable {
    let at: Timestamp
    let jobId: JobID

    func isCurrent(in records: [JobID: JobRecord]) -> Bool {
        guard let job = records[jobId]?.job else { return false }
        return job.status == .scheduled && job.runAt == at
    }

    static func < (left: Timer, right: Timer) -> Bool {
        (left.at, left.jobId.description) < (right.at, right.jobId.description)
    }
}
