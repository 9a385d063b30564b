/// What goes because it has stayed as long as it may.
extension JobMap {
    mutating func expire(_ id: JobID, at now: Timestamp, to events: inout [Event]) {
        guard let job = record(id)?.job, let expiry = rules.expiry(of: job), expiry <= now, !isAwaited(job.jobId)
        else { return }
        remove(job, at: now, to: &events)
    }

    /// Removes a job that has ended, however long ago, unless others wait for it.
    mutating func evict(_ id: JobID, at now: Timestamp, to events: inout [Event]) {
        guard let job = record(id)?.job, job.status.isFinal, !isAwaited(job.jobId) else { return }
        remove(job, at: now, to: &events)
    }

    /// Leaves a tombstone in the place of a job.
    mutating func remove(_ job: Job, at now: Timestamp, to events: inout [Event]) {
        use(job.input.files, by: -1, to: &events)
        let tombstone = Tombstone(
            jobId: job.jobId, number: job.number, revision: job.revision + 1, jobStatus: job.status,
            finishedAt: job.times.finishedAt, goneAt: now, owner: job.asked.owner)
        put(.job(JobEvent(kind: .deleted, before: record(job.jobId), after: .gone(tombstone))), to: &events)
    }
}
