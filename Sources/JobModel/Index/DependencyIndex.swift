/// Which jobs wait for the end of which jobs and batches.
struct DependencyIndex: JobIndex {
    /// The jobs that wait for each job, by it; those that wait are all known to the map.
    private var waiting: [JobID: Set<JobID>] = [:]
    /// The jobs that wait for each batch.
    private var followers: [BatchID: Set<JobID>] = [:]
    /// Jobs that wait and for which something may have changed, in the order in which it did.
    private var changed: [JobID] = []
    private var isChanged: Set<JobID> = []

    /// Whether somebody waits for a job.
    func isAwaited(_ id: JobID) -> Bool { waiting[id] != nil }

    func isAwaited(_ id: BatchID) -> Bool { followers[id] != nil }

    /// A job that waits and is to be looked at next.
    var nextChanged: JobID? { changed.last }

    /// A job that waits and is to be looked at, nil when there is none left.
    mutating func takeChanged() -> JobID? {
        guard let id = changed.popLast() else { return nil }
        isChanged.remove(id)
        return id
    }

    /// Takes note that a batch has changed.
    mutating func noteChange(of batch: BatchID) { look(at: followers[batch] ?? []) }

    mutating func add(_ job: Job, among records: JobRecords) {
        if job.status.isFinal { look(at: waiting[job.jobId] ?? []) }
        guard job.status == .blocked else { return }
        for id in job.asked.terms.after { waiting[id, default: []].insert(job.jobId) }
        if let batch = job.asked.terms.follows { followers[batch, default: []].insert(job.jobId) }
        look(at: [job.jobId])
    }

    mutating func remove(_ job: Job, among records: JobRecords) {
        guard job.status == .blocked else { return }
        for id in job.asked.terms.after {
            waiting[id]?.remove(job.jobId)
            if waiting[id]?.isEmpty == true { waiting[id] = nil }
        }
        if let batch = job.asked.terms.follows {
            followers[batch]?.remove(job.jobId)
            if followers[batch]?.isEmpty == true { followers[batch] = nil }
        }
    }

    mutating func shrink() {
        waiting.shrink()
        changed = changed + []
    }

    private mutating func look(at ids: Set<JobID>) {
        for id in ids where isChanged.insert(id).inserted { changed.append(id) }
    }
}
