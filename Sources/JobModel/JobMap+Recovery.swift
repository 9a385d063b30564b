/// What becomes of jobs whose daemon was lost.
extension JobMap {
    /// Every job that the last daemon ran is ended, given up, or queued again.
    mutating func recover(at now: Timestamp, to events: inout [Event]) {
        let lost = activeJobs.filter { $0.status == .processing && $0.runner == .jobd }.sorted { $0.number < $1.number }
        for job in lost {
            if job.cancelRequestedAt == nil, job.crashes + 1 >= rules.crashLimit {
                put(.finished, job, at: now, to: &events) { job in
                    job.crashes += 1
                    job.error = JobFailure(
                        .lost,
                        message:
                            "The service went down \(job.crashes) times while it worked on this job, so it was given up. "
                            + "Tell the operator of this service, who can retry it.",
                        step: job.step)
                    job.end(as: .failed, at: now)
                }
            } else {
                requeue(job, at: now, to: &events) { job in
                    job.crashes += 1
                    return JobFailure(
                        .lost, message: "The service went down while it worked on this job.", step: job.step)
                }
            }
        }
        tick(at: now, to: &events)
    }
}
