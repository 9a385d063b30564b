/// Which jobs of each batch have not ended.
struct BatchIndex: JobIndex {
    private var active: [BatchID: Set<JobID>] = [:]

    /// In no order.
    func activeJobs(of batch: BatchID) -> Set<JobID> { active[batch] ?? [] }

    mutating func add(_ job: Job, among records: JobRecords) {
        guard let batch = job.asked.terms.batchId, !job.status.isFinal else { return }
        active[batch, default: []].insert(job.jobId)
    }

    mutating func remove(_ job: Job, among records: JobRecords) {
        guard let batch = job.asked.terms.batchId, !job.status.isFinal else { return }
        active[batch]?.remove(job.jobId)
        if active[batch]?.isEmpty == true { active[batch] = nil }
    }

    mutating func shrink() { active.shrink() }
}
