import JobModel

extension Event {
    static func created(_ job: Job) -> Event { .job(JobEvent(kind: .created, before: nil, after: .job(job))) }

    /// At the moment of its creation.
    static func deleted(_ job: Job) -> Event {
        .job(JobEvent(kind: .deleted, before: .job(job), after: .gone(job.tombstone(at: job.times.createdAt))))
    }

    static func change(_ before: Job, _ after: Job, _ kind: JobEvent.Kind) -> Event {
        .job(JobEvent(kind: kind, before: .job(before), after: .job(after)))
    }
}

extension Job {
    /// The next stored state.
    func next(_ change: (inout Job) -> Void) -> Job {
        var job = self
        change(&job)
        job.version += 1
        job.revision += 1
        return job
    }

    func tombstone(at moment: Timestamp) -> Tombstone {
        Tombstone(
            jobId: jobId, number: number, revision: revision + 1, jobStatus: status, finishedAt: times.finishedAt,
            goneAt: moment, owner: asked.owner)
    }
}

extension LogLine {
    func numbered(_ number: Int64, run: Int64 = 1) -> LogLine {
        var line = self
        line.number = number
        line.run = run
        return line
    }
}
