import JobModel

/// The contents of a memory store.
struct MemoryRecords {
    private(set) var jobs: [JobID: JobRecord] = [:]
    private(set) var lines: [JobID: [LogLine]] = [:]
    private(set) var files: [FileID: FileRecord] = [:]
    private var pausedQueues: Set<String> = []

    /// Applies all events, or none.
    mutating func apply(_ events: [Event]) throws(StoreError) {
        var next = self
        for event in events {
            switch event {
            case .job(let event): try next.apply(event)
            case .file(let event): try next.apply(event)
            case .queue(let name, _, true): next.pausedQueues.insert(name)
            case .queue(let name, _, false): next.pausedQueues.remove(name)
            }
        }
        self = next
    }

    private mutating func apply(_ event: JobEvent) throws(StoreError) {
        let id = event.after.jobId
        guard jobs[id]?.revision == event.before?.revision else { throw .conflict(present(of: [.job(event)])) }
        jobs[id] = event.after
        switch event.kind {
        case .deleted: lines[id] = nil
        case .started: if let run = event.firstKeptRun { lines[id]?.removeAll { $0.run < run } }
        case .created, .updated, .queued, .cancelRequested, .finished, .retried: break
        }
        if !event.lines.isEmpty { lines[id, default: []] += event.lines }
    }

    private mutating func apply(_ event: FileEvent) throws(StoreError) {
        guard files[event.fileId]?.revision == event.before?.revision else {
            throw .conflict(present(of: [.file(event)]))
        }
        files[event.fileId] = event.after
    }

    /// Everything that the events name, as it is now.
    func present(of events: [Event]) -> StoreError.Conflict {
        var conflict = StoreError.Conflict()
        for event in events {
            switch event {
            case .job(let event):
                let id = event.after.jobId
                if let record = jobs[id] { conflict.jobs.append(record) } else { conflict.missingJobs.append(id) }
            case .file(let event):
                let id = event.fileId
                if let file = files[id] { conflict.files.append(file) } else { conflict.missingFiles.append(id) }
            case .queue: break
            }
        }
        return conflict
    }

    var totals: StoreTotals {
        var totals = StoreTotals(files: files.count, fileBytes: files.values.reduce(0) { $0.adding($1.file.size) })
        for job in jobs.values.compactMap(\.job) {
            totals.jobs[StoreTotals.Place(queue: job.queue, status: job.status), default: 0] += 1
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
        return Snapshot(
            jobs: jobs.values.filter(\.isActive).compactMap(\.job).sorted { $0.number < $1.number },
            pausedQueues: pausedQueues.sorted(), nextNumber: (numbers.max() ?? 0) + 1)
    }
}
