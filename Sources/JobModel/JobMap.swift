/// All rules about jobs: commands go in, events come out.
///
/// The map does no I/O and reads no clock. It holds every job that is not final. Final jobs, tombstones and files
/// are cached: its owner admits them when a command names them, and forgets them later.
///
/// Events are in force in the map at once. Their owner makes them durable and says so with ``settle(_:)``, or takes them
/// back with ``undo(_:)``; until then nothing that they changed is forgotten, or read anew from a store.
package struct JobMap: Sendable {
    /// May change at any time; a ``Command/tick`` then starts what has become possible.
    package var rules: Rules {
        didSet {
            indexes.timers.setSpans(
                applicationSilence: rules.applicationSilence, reconnect: rules.reconnect, in: records)
            indexes.queues.setSharing(
                rules.sharing, runningLimit: rules.quotas.owner.runningJobs, among: records)
        }
    }
    /// While true no job is started: the daemon is stopping.
    package var isStopping = false
    /// Whether nothing is to be started, because the daemon stops or an operator said so.
    package var isHeld: Bool { isStopping || isDrained }
    /// Whether an operator said that nothing is to be started, or made.
    package var isDrained: Bool { named(.drain) != nil }

    /// While true no job is started that runs programs here, because no room can be made for them; a ``Command/tick`` then
    /// starts what has become possible.
    package var isSandboxBroken: Bool {
        get { offers.isSandboxBroken }
        set { offers.isSandboxBroken = newValue }
    }

    private(set) var records = JobRecords()
    private var files = KnownRecords<FileID, FileRecord>()
    /// By how many events each record is ahead of what is durable.
    private var unsettled = Unsettled()
    /// What is kept in step with the jobs.
    var indexes: JobIndexes
    var offers = Offers()
    var schedules = ScheduleIndex()
    private(set) var uploads = UploadIndex()
    /// When the daemon started; nobody could report before.
    let start: Timestamp
    private(set) var named = KnownRecords<RecordID, NamedRecord>()
    private(set) var nextNumber: Int64

    /// Applications were not able to report before the moment `start`.
    package init(rules: Rules, nextNumber: Int64 = 1, start: Timestamp = Timestamp(milliseconds: 0)) {
        self.rules = rules
        self.nextNumber = nextNumber
        self.start = start
        indexes = JobIndexes(rules: rules, start: start)
    }

    // MARK: What is known

    /// Nil when the map does not know the id; the store may.
    package func record(_ id: JobID) -> JobRecord? { records[id] }

    /// Nil when there is no such file, or when the map does not know.
    package func file(_ id: FileID) -> FileRecord? { files[id] }

    /// Whether a store would have nothing to say about a file that the map does not know better.
    package func knows(_ id: FileID) -> Bool { files.knows(id) }

    /// Nil when there is none under this name, or when the map does not know.
    package func named(_ id: RecordID) -> NamedRecord? { named[id] }

    /// Whether a store would have nothing to say about a name that the map does not know better.
    package func knows(named id: RecordID) -> Bool { named.knows(id) }

    /// Jobs that are not final, in no order; final ones are in the map only while somebody uses them.
    package var activeJobs: some Sequence<Job> { records.values.lazy.filter(\.isActive).compactMap(\.job) }

    /// Takes in what a store holds; replaces nothing that is known already.
    package mutating func admit(_ record: JobRecord) {
        if records[record.jobId] == nil { replace(record) }
    }

    /// Takes a file of the store in; one that is known stays.
    package mutating func admit(_ file: FileRecord) {
        if !files.knows(file.file.fileId) { replace(file) }
    }

    /// Takes a named record of the store in; one that is known stays.
    package mutating func admit(_ record: NamedRecord) {
        if !named.knows(record.id) { replace(record) }
    }

    /// Has a queue be paused, as the store says.
    package mutating func admit(pausedQueue name: String) { indexes.queues.setPaused(true, name) }

    /// Takes over what a store has instead of what the map believed.
    package mutating func replace(_ record: JobRecord) {
        replace(records[record.jobId], with: record, for: record.jobId)
    }

    /// Takes over what the store has of a file.
    package mutating func replace(_ file: FileRecord) { files.set(file, for: file.file.fileId) }

    /// Takes over what the store has under a name.
    package mutating func replace(_ record: NamedRecord) { replace(record.id, with: record as NamedRecord?) }

    /// Drops a job that turned out not to exist.
    package mutating func remove(_ id: JobID) { replace(records[id], with: nil, for: id) }

    /// Drops what the store does not have under this name.
    package mutating func remove(named id: RecordID) { replace(id, with: nil as NamedRecord?) }

    /// Drops what is only cached; an active job stays, and whatever has changed in a way that is not durable.
    ///
    /// - Returns: Whether the map does not know the id any more.
    @discardableResult
    package mutating func forget(_ id: JobID) -> Bool {
        guard let record = records[id] else { return true }
        guard !record.isActive, !unsettled.contains(.job(id)), !indexes.dependencies.isAwaited(id) else { return false }
        if let job = record.job { indexes.dedupe.remove(job, among: records) }
        records[id] = nil
        return true
    }

    /// Drops what is known of a file, unless it has changed in a way that is not durable.
    ///
    /// - Returns: Whether the map does not know the id any more.
    @discardableResult
    package mutating func forget(_ id: FileID) -> Bool {
        guard !unsettled.contains(.file(id)) else { return false }
        files.forget(id)
        return true
    }

    /// Drops what is known under a name; what is active stays, and what has changed in a way that is not durable.
    ///
    /// - Returns: Whether the map does not know the name any more.
    @discardableResult
    package mutating func forget(named id: RecordID) -> Bool {
        guard !unsettled.contains(id), named(id)?.isActive != true, !isAwaited(id) else { return false }
        named.forget(id)
        return true
    }

    private func isAwaited(_ id: RecordID) -> Bool {
        if case .batch(let batch) = id { indexes.dependencies.isAwaited(batch) } else { false }
    }

    /// Whether so many jobs have left that most of the memory for them is empty.
    package var isSparse: Bool { records.isSparse || files.isSparse }

    /// Gives back the memory of jobs that have left; takes as long as moving those that are there.
    package mutating func shrink() {
        records.shrink()
        files.shrink()
        indexes.shrink()
    }

    /// Takes over how many bytes are stored already; nil is what nobody is charged for.
    package mutating func load(storedBytes: [Account?: Int64]) { indexes.quotas.load(bytes: storedBytes) }

    // MARK: Change

    /// Takes an event back; events are undone in the reverse of their order.
    package mutating func undo(_ event: Event) {
        unsettled.remove(event)
        indexes.quotas.count(event, isUndone: true)
        if let offer = event.takenOffer { offers.takeBack(offer) }
        switch event {
        case .job(let event): replace(event.after, with: event.before, for: event.after.jobId)
        case .file(let event):
            let id = event.fileId
            if event.before == nil, !unsettled.contains(.file(id)) {
                files.forget(id)
            } else {
                files.set(event.before, for: id)
            }
        case .queue(let name, let wasPaused, _): indexes.queues.setPaused(wasPaused, name)
        case .named(let event):
            replace(event.id, with: event.before)
            if event.before == nil, !unsettled.contains(event.id) { named.forget(event.id) }
        }
    }

    /// Takes note that an event is durable.
    package mutating func settle(_ event: Event) {
        unsettled.remove(event)
        if let offer = event.takenOffer { offers.settle(offer) }
    }

    /// Puts an event in force and adds it to the list.
    mutating func put(_ event: Event, to events: inout [Event]) {
        unsettled.add(event)
        indexes.quotas.count(event)
        switch event {
        case .job(let event): replace(event.before, with: event.after, for: event.after.jobId)
        case .file(let event): files.set(event.after, for: event.fileId)
        case .queue(let name, _, let isPaused): indexes.queues.setPaused(isPaused, name)
        case .named(let event): replace(event.id, with: event.after)
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
        if after.status == .queued, job.status != .queued { after.times.queuedAt = now }
        if after.isShownOtherwise(than: job) {
            after.version += 1
            after.times.updatedAt = now
        }
        let first = after.progress.lineCount
        let numbered = lines.enumerated().map { index, line in
            var line = line
            line.number = first + Int64(index) + 1
            line.run = after.runs.last ?? 0
            return line
        }
        if !lines.isEmpty { after.progress.lineCount += Int64(lines.count) }
        guard after != job else { return job }
        after.revision += 1
        // The record itself: one more of the same would be one more allocation.
        let before = record(job.jobId)
        put(.job(JobEvent(kind: kind, before: before, after: .job(after), lines: numbered)), to: &events)
        if after.status != job.status { countInBatch(after, from: job.status, at: now, to: &events) }
        return after
    }

    mutating func takeNumber() { nextNumber += 1 }

    /// The only place where a record changes: keeps the indexes in step with it, in both directions.
    ///
    /// What is only forgotten is in no index but that of the keys.
    private mutating func replace(_ before: JobRecord?, with after: JobRecord?, for id: JobID) {
        if let job = before?.job { indexes.remove(job, among: records) }
        records[id] = after
        if let job = after?.job { indexes.add(job, among: records) }
    }

    /// The only place where what is stored under a name changes.
    private mutating func replace(_ id: RecordID, with record: NamedRecord?) {
        let before = named(id)
        named.set(record, for: id)
        switch id {
        case .batch(let batch): indexes.dependencies.noteChange(of: batch)
        case .schedule(let name): schedules.set(record?.schedule, named: name)
        case .upload: uploads.replace(before?.upload, with: record?.upload)
        case .drain, .job, .file, .queue, .dedupeKey, .timeZone: break
        }
    }
}
