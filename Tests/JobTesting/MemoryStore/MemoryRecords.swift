import JobModel
import JobStorage

/// The contents of a memory store.
struct MemoryRecords {
    private(set) var jobs: [JobID: JobRecord] = [:]
    private(set) var lines: [JobID: [LogLine]] = [:]
    private(set) var files: [FileID: FileRecord] = [:]
    private(set) var named: [RecordID: NamedRecord] = [:]
    var deliveries = MemoryDeliveries()
    private var pausedQueues: Set<String> = []

    /// What a change replaced, in order.
    private enum Undo {
        case job(JobID, JobRecord?, lines: [LogLine]?)
        case file(FileID, FileRecord?)
        case queue(String, wasPaused: Bool)
        case named(RecordID, NamedRecord?)
        case delivery(DeliveryID)
    }

    /// Applies the events of each decision, or none of it; returns which were refused.
    mutating func apply(_ decisions: [[Event]]) -> [Int: StoreError] {
        var refused: [Int: StoreError] = [:]
        // What rests on a refused decision is refused, too, even where the store has a record of the same revision.
        var doubted: Set<RecordID> = []
        for (index, events) in decisions.enumerated() {
            var undo: [Undo] = []
            let isDoubted = events.contains { doubted.contains($0.recordId) }
            if !isDoubted, events.allSatisfy({ apply($0, undo: &undo) }) { continue }
            for change in undo.reversed() { takeBack(change) }
            doubted.formUnion(events.map(\.recordId))
            refused[index] = .conflict(present(of: events))
        }
        return refused
    }

    /// Applies an event; does nothing and returns false when it does not replace what is there.
    private mutating func apply(_ event: Event, undo: inout [Undo]) -> Bool {
        switch event {
        case .job(let event):
            let id = event.after.jobId
            guard jobs[id]?.revision == event.before?.revision else { return false }
            undo.append(.job(id, jobs[id], lines: lines[id]))
            jobs[id] = event.after
            switch event.kind {
            case .deleted: lines[id] = nil
            case .started: if let run = event.firstKeptRun { lines[id]?.removeAll { $0.run < run } }
            case .created, .updated, .queued, .cancelRequested, .finished, .retried: break
            }
            if !event.lines.isEmpty { lines[id, default: []] += event.lines }
            for delivery in event.deliveries {
                undo.append(.delivery(delivery.id))
                deliveries.add(delivery)
            }
        case .file(let event):
            let id = event.fileId
            guard files[id]?.revision == event.before?.revision else { return false }
            undo.append(.file(id, files[id]))
            files[id] = event.after
        case .queue(let name, _, let isPaused):
            undo.append(.queue(name, wasPaused: pausedQueues.contains(name)))
            set(name, isPaused: isPaused)
        case .named(let event):
            guard named[event.id]?.revision == event.before?.revision else { return false }
            undo.append(.named(event.id, named[event.id]))
            named[event.id] = event.after
        }
        return true
    }

    private mutating func takeBack(_ change: Undo) {
        switch change {
        case .job(let id, let record, let lines):
            jobs[id] = record
            self.lines[id] = lines
        case .file(let id, let record): files[id] = record
        case .queue(let name, let wasPaused): set(name, isPaused: wasPaused)
        case .named(let id, let record): named[id] = record
        case .delivery(let id): deliveries.takeBack(id)
        }
    }

    private mutating func set(_ name: String, isPaused: Bool) {
        if isPaused { pausedQueues.insert(name) } else { pausedQueues.remove(name) }
    }

    /// Everything that the events name, as it is now.
    func present(of events: [Event]) -> StoreError.Conflict {
        var conflict = StoreError.Conflict()
        var seen: Set<RecordID> = []
        for event in events where seen.insert(event.recordId).inserted {
            switch event {
            case .job(let event):
                let id = event.after.jobId
                if let record = jobs[id] { conflict.jobs.append(record) } else { conflict.missing.append(.job(id)) }
            case .file(let event):
                let id = event.fileId
                if let file = files[id] { conflict.files.append(file) } else { conflict.missing.append(.file(id)) }
            case .queue: break
            case .named(let event):
                if let record = named[event.id] {
                    conflict.named.append(record)
                } else {
                    conflict.missing.append(event.id)
                }
            }
        }
        return conflict
    }

    var totals: StoreTotals {
        var totals = StoreTotals(files: files.count, fileBytes: files.values.reduce(0) { $0.adding($1.file.size) })
        for file in files.values {
            totals.chargedBytes[file.account] = (totals.chargedBytes[file.account] ?? 0).adding(file.file.size)
        }
        for job in jobs.values.compactMap(\.job) {
            totals.chargedBytes[job.asked.account] = (totals.chargedBytes[job.asked.account] ?? 0).adding(job.madeBytes)
            totals.jobs[StoreTotals.Key(queue: job.asked.queue, status: job.status), default: 0] += 1
            if let ended = EndedJob(job) { totals.ended.add(ended) }
        }
        return totals
    }

    var snapshot: Snapshot {
        let numbers = jobs.values.map { record in
            switch record {
            case .job(let job): job.number
            case .gone(let tombstone): tombstone.number
            }
        }
        let active = jobs.values.filter(\.isActive).compactMap(\.job).sorted { $0.number < $1.number }
        let awaited = Set(active.filter { $0.status == .blocked }.flatMap(\.asked.terms.after))
        return Snapshot(
            jobs: active, pausedQueues: pausedQueues.sorted(), nextNumber: (numbers.max() ?? 0) + 1,
            awaited: awaited.compactMap { jobs[$0] }.filter { !$0.isActive },
            named: named.values.filter(\.isActive))
    }

    /// In the order of their ends.
    var endedJobs: [Job] {
        jobs.values.compactMap(\.job).filter { $0.times.finishedAt != nil }
            .sorted {
                ($0.times.finishedAt ?? $0.times.createdAt, $0.number) < (
                    $1.times.finishedAt ?? $1.times.createdAt, $1.number
                )
            }
    }

    mutating func removeTombstones(goneBefore moment: Timestamp, limit: Int) -> [JobID] {
        let old = jobs.values.compactMap { record -> JobID? in
            guard case .gone(let tombstone) = record, tombstone.goneAt < moment else { return nil }
            return tombstone.jobId
        }
        for id in old.prefix(limit) { jobs[id] = nil }
        return Array(old.prefix(limit))
    }

    func job(with key: JobKey) -> JobRecord? {
        let jobs = jobs.values.compactMap(\.job).filter { $0.asked.terms.dedupeKey == key }
        let found =
            jobs.first { !$0.status.isFinal }
            ?? jobs.max { ($0.times.finishedAt ?? $0.times.createdAt) < ($1.times.finishedAt ?? $1.times.createdAt) }
        return found.map(JobRecord.job)
    }

    func batch(_ id: BatchID) -> BatchState? {
        guard let batch = named[.batch(id)]?.batch else { return nil }
        var state = BatchState(batch: batch)
        let jobs = Dictionary(
            grouping: jobs.values.compactMap(\.job).filter { $0.asked.terms.batchId == id }, by: \.status)
        for (status, jobs) in jobs {
            state.add(status, count: jobs.count, progress: jobs.reduce(0) { $0 + $1.progress.percent })
        }
        return state
    }
}
