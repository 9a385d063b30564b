package import JobModel

/// How much a store holds.
package struct StoreTotals: Hashable, Sendable {
    /// A queue's jobs in one state.
    package struct Key: Hashable, Sendable {
        /// Its name, which the configuration may have lost.
        package let queue: String
        /// One of all states, the final ones included.
        package let status: JobStatus

        package init(queue: String, status: JobStatus) {
            self.queue = queue
            self.status = status
        }
    }

    /// What the jobs that have ended amount to.
    package struct Ended: Hashable, Sendable {
        /// How many there are.
        package var count = 0
        /// Of their files and artifacts.
        package var bytes: Int64 = 0

        /// Of nothing.
        package init() {}

        /// Takes note of one more.
        package mutating func add(_ job: EndedJob) {
            count += 1
            bytes = bytes.adding(job.bytes)
        }

        /// Takes note of one less.
        package mutating func remove(_ job: EndedJob) {
            count -= 1
            bytes = bytes.adding(-job.bytes)
        }
    }

    /// A key without jobs may be missing.
    package var jobs: [Key: Int]
    /// File records, whether jobs use them or not.
    package var files: Int
    /// Of these files, in bytes; artifacts are not in it.
    package var fileBytes: Int64
    /// Of files and of what jobs made, by who is charged for them; one without any may be missing.
    package var chargedBytes: [Account?: Int64] = [:]
    /// Of the jobs that have ended and are not deleted.
    package var ended = Ended()

    package init(jobs: [Key: Int] = [:], files: Int = 0, fileBytes: Int64 = 0) {
        self.jobs = jobs
        self.files = files
        self.fileBytes = fileBytes
    }

    /// The jobs of all queues in one state.
    package func count(of status: JobStatus) -> Int { jobs.reduce(0) { $0 + ($1.key.status == status ? $1.value : 0) } }

    /// Counts an event that is durable.
    package mutating func count(_ event: Event) {
        if let stored = event.storedBytes {
            chargedBytes[stored.account] = (chargedBytes[stored.account] ?? 0).adding(stored.change)
        }
        switch event {
        case .job(let event):
            // A job's queue never changes.
            guard event.before?.status != event.after.status else { return }
            if let before = event.before { count(before, by: -1) }
            count(event.after, by: 1)
        case .file(let event):
            files += (event.after == nil ? 0 : 1) - (event.before == nil ? 0 : 1)
            fileBytes = fileBytes.adding(event.after?.file.size ?? 0).adding(-(event.before?.file.size ?? 0))
        case .queue, .named: break
        }
    }

    /// A tombstone counts as nothing.
    private mutating func count(_ record: JobRecord, by change: Int) {
        guard let queue = record.queue, let status = record.status else { return }
        jobs[Key(queue: queue, status: status), default: 0] += change
        guard status.isFinal, let job = record.job.flatMap(EndedJob.init) else { return }
        if change > 0 { ended.add(job) } else { ended.remove(job) }
    }
}
