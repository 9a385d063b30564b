import JSON

/// Jobs that are made together, and what becomes of them together.
extension JobMap {
    mutating func create(
        _ creation: BatchCreation, by access: Access, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        let id = creation.batchId
        if let known = named(.batch(id))?.batch {
            guard access.sees(known) else { throw .refused(reason: "The id \(id) is taken.") }
            return
        }
        var jobs: [Job] = []
        var known: Set<JobID> = []
        var keys: Set<JobKey> = []
        for (index, each) in creation.jobs.enumerated() {
            jobs.append(
                try JobError.within("/jobs/\(index)") { () throws(JobError) in
                    // It may wait for those that stand before it, so nobody waits in a circle.
                    let others = known
                    try checkIsNew(each, by: access, at: now, &known, &keys)
                    return try job(of: each, by: access, batchId: id, place: index, with: others, at: now)
                })
        }
        if var then = creation.then {
            then.terms.follows = id
            let number = nextNumber + Int64(jobs.count)
            jobs.append(
                try JobError.within("/then") { [then] () throws(JobError) in
                    let others = known
                    try checkIsNew(then, by: access, at: now, &known, &keys)
                    return try made(of: then, by: access, number: number, with: others, at: now)
                })
        }
        try checkOpenJobs(jobs.count, of: access.account, by: access)
        let batch = JobBatch(
            batchId: id, owner: creation.owner, createdAt: now, metadata: creation.metadata,
            size: creation.jobs.count, then: creation.then?.jobId)
        put(.named(NamedEvent(id: .batch(id), before: nil, after: .batch(batch))), to: &events)
        add(jobs, at: now, to: &events)
    }

    private func job(
        of creation: Creation, by access: Access, batchId: BatchID, place: Int, with others: Set<JobID>,
        at now: Timestamp
    ) throws(JobError) -> Job {
        var creation = creation
        creation.terms.batchId = batchId
        return try made(
            of: creation, by: access, number: nextNumber + Int64(place), with: others, at: now)
    }

    private func checkIsNew(
        _ creation: Creation, by access: Access, at now: Timestamp, _ known: inout Set<JobID>,
        _ keys: inout Set<JobKey>
    ) throws(JobError) {
        let id = creation.jobId
        do { try checkIsFree(id) } catch { throw .within(pointer: "/jobId", error) }
        switch record(id) {
        case let record? where !access.sees(record): throw .within(pointer: "/jobId", .jobTaken(id))
        case .gone(let tombstone): throw .within(pointer: "/jobId", .jobGone(tombstone))
        case .job(let job):
            throw .within(pointer: "/jobId", .jobConflict(job, reason: "The job \(id) exists already."))
        case nil:
            guard known.insert(id).inserted else {
                throw .invalid(pointer: "/jobId", reason: "The batch names the job \(id) twice.")
            }
        }
        if let job = duplicate(of: creation, at: now) {
            guard access.sees(.job(job)) else { throw .keyTaken }
            let reason = "The job \(job.jobId) has the same dedupeKey."
            throw .within(pointer: "/dedupeKey", .jobConflict(job, reason: reason))
        }
        if let key = creation.terms.dedupeKey, !keys.insert(key).inserted {
            throw .invalid(pointer: "/dedupeKey", reason: "The batch has the key \(key.key) twice.")
        }
    }

    mutating func cancel(
        _ id: BatchID, by access: Access, reason: String?, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        guard let batch = named(.batch(id))?.batch, access.sees(batch) else { throw .batchNotFound(id) }
        let jobs = indexes.batches.activeJobs(of: id).compactMap { record($0)?.job }.sorted { $0.number < $1.number }
        // One may have failed since, because it waited for another.
        for job in jobs {
            guard let job = record(job.jobId)?.job, !job.status.isFinal else { continue }
            try cancel(job, reason: reason, at: now, to: &events)
        }
    }

    /// Keeps a batch's counts in step with one of its jobs.
    mutating func countInBatch(_ job: Job, from before: JobStatus, at now: Timestamp, to events: inout [Event]) {
        guard let id = job.asked.terms.batchId, before.isFinal || job.status.isFinal,
            let batch = named(.batch(id))?.batch
        else { return }
        var next = batch
        next.count(before, by: -1)
        next.count(job.status, by: 1)
        next.finishedAt = next.ended >= next.size ? now : nil
        next.revision += 1
        put(.named(NamedEvent(id: .batch(id), before: .batch(batch), after: .batch(next))), to: &events)
    }
}

extension JobBatch {
    /// Metadata with the counts of the batch under `batch`; as it was where there is no room for them.
    func adding(countsTo metadata: JSONText) -> JSONText {
        let counts: JSONValue = [
            "batch": [
                "batchId": .string(batchId.description), "status": .string(status.rawValue),
                "counts": [
                    "completed": JSONValue(completed), "failed": JSONValue(failed), "cancelled": JSONValue(cancelled),
                ],
            ]
        ]
        let merged = JSONText(metadata.value.merging(counts))
        return merged.byteCount <= Limits.metadataBytes ? merged : metadata
    }
}
