import GRDB
import JobModel
import JobStorage

/// What a list of events amounts to: each record once, from what it replaces to what remains.
struct WriteSet: Sendable {
    /// A record was not at the revision that an event replaces.
    struct Conflict: Error {}

    private struct JobChange {
        let before: JobRecord?
        var after: JobRecord
        /// Lines of runs before this one go.
        var firstKeptRun: Int64?
        var lines: [LogLine] = []
        var deliveries: [Delivery] = []

        var number: Int64 {
            switch after {
            case .job(let job): job.number
            case .gone(let tombstone): tombstone.number
            }
        }

        mutating func add(_ event: JobEvent) {
            after = event.after
            switch event.kind {
            // Those that are stored go in pieces, later.
            case .deleted: lines = []
            case .started: firstKeptRun = event.firstKeptRun
            case .created, .updated, .queued, .cancelRequested, .finished, .retried: break
            }
            lines += event.lines
            deliveries += event.deliveries
        }
    }

    private struct FileChange {
        let before: FileRecord?
        var after: FileRecord?
    }

    /// An event does not replace what the event before it on the same record has made.
    private var isBroken = false

    // In the order in which they first occur.
    private var jobs: [JobChange] = []
    private var files: [(id: FileID, change: FileChange)] = []
    private var named: [(id: RecordID, before: NamedRecord?, after: NamedRecord?)] = []
    private var pausedQueues: [String: Bool] = [:]
    /// What becomes more, and what less.
    private var totals = StoreTotals()

    init(_ events: [Event]) {
        var jobIndex: [JobID: Int] = [:]
        jobIndex.reserveCapacity(events.count)
        var fileIndex: [FileID: Int] = [:]
        var namedIndex: [RecordID: Int] = [:]
        for event in events {
            totals.count(event)
            switch event {
            case .job(let event):
                let index = jobIndex[event.after.jobId] ?? jobs.count
                jobIndex[event.after.jobId] = index
                if index == jobs.count {
                    jobs.append(JobChange(before: event.before, after: event.after))
                } else if jobs[index].after.revision != event.before?.revision {
                    isBroken = true
                }
                jobs[index].add(event)
            case .file(let event):
                let index = fileIndex[event.fileId] ?? files.count
                fileIndex[event.fileId] = index
                if index == files.count {
                    files.append((event.fileId, FileChange(before: event.before)))
                } else if files[index].change.after?.revision != event.before?.revision {
                    isBroken = true
                }
                files[index].change.after = event.after
            case .queue(let name, _, let isPaused): pausedQueues[name] = isPaused
            case .named(let event):
                let index = namedIndex[event.id] ?? named.count
                namedIndex[event.id] = index
                if index == named.count {
                    named.append((event.id, event.before, event.after))
                } else if named[index].after?.revision != event.before?.revision {
                    isBroken = true
                }
                named[index].after = event.after
            }
        }
    }

    /// Writes everything within a transaction that somebody else ends; when it throws, something may have been written.
    ///
    /// - Throws: ``Conflict``, `DatabaseError`.
    func write(to database: Database) throws {
        guard !isBroken else { throw Conflict() }
        // Before what other records become: no decision takes a number or an id that another in this commit gives up.
        try Job.insert(jobs.compactMap { $0.before == nil ? $0.after.job : nil }, into: database)
        for change in jobs { try write(change, to: database) }
        for (id, change) in files {
            try FileRecord.replace(change.before, with: change.after, for: id, in: database)
        }
        for (id, before, after) in named { try NamedRecord.replace(before, with: after, for: id, in: database) }
        for (name, isPaused) in pausedQueues {
            let sql =
                isPaused
                ? "INSERT OR IGNORE INTO paused_queue (name) VALUES (?)" : "DELETE FROM paused_queue WHERE name = ?"
            try database.execute(sql: sql, arguments: [name])
        }
        try totals.add(to: database)
    }

    private func write(_ change: JobChange, to database: Database) throws {
        switch (change.before, change.after) {
        // They are there already.
        case (nil, .job): break
        case (.job(let before)?, .job(let job)): try job.update(from: before, in: database)
        case (let before?, .gone(let tombstone)): try tombstone.replace(before, in: database)
        case (nil, .gone(let tombstone)): try tombstone.insert(into: database)
        case (.gone?, .job): throw Conflict()
        }
        if let run = change.firstKeptRun { try LogLine.delete(ofRunsBefore: run, of: change.number, in: database) }
        for line in change.lines { try line.insert(into: database, of: change.number) }
        for delivery in change.deliveries { try delivery.insert(into: database) }
    }

    /// Everything that it names, as it is now.
    func present(in database: Database) throws -> StoreError.Conflict {
        var conflict = StoreError.Conflict()
        for change in jobs {
            let id = change.after.jobId
            if let record = try JobRecord.fetch(database, id: id) {
                conflict.jobs.append(record)
            } else {
                conflict.missing.append(.job(id))
            }
        }
        for (id, _) in files {
            if let file = try FileRecord.fetch(database, id: id) {
                conflict.files.append(file)
            } else {
                conflict.missing.append(.file(id))
            }
        }
        for change in named {
            if let record = try NamedRecord.fetch(database, id: change.id) {
                conflict.named.append(record)
            } else {
                conflict.missing.append(change.id)
            }
        }
        return conflict
    }
}
