/// What becomes of jobs whose daemon was lost.
extension JobMap {
    /// Every job that the last daemon ran is ended, given up, or queued again; those of workers and of applications go on,
    /// as far as their leases do.
    mutating func recover(at now: Timestamp, to events: inout [Event]) {
        // Before anything that is due: what the configuration has no more does not come true.
        sync(rules.schedules, at: now, to: &events)
        let lost = activeJobs.filter { $0.status == .processing && $0.lease.runner == .jobd }.sorted {
            $0.number < $1.number
        }
        for job in lost { lose(job, to: .daemon, at: now, to: &events) }
        // However the clock was set meanwhile: nobody has been heard since the map began.
        let begin = indexes.timers.start
        let held = activeJobs.filter { $0.status == .processing && $0.lease.heardAt.map { $0 >= begin } ?? false }
        for job in held.sorted(by: { $0.number < $1.number }) {
            put(.updated, job, at: now, to: &events) { $0.lease.heardAt = begin + .milliseconds(-1) }
        }
        tick(at: now, to: &events)
    }
}
