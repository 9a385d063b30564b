/// Which jobs have which dedupe key, of those that the map knows.
struct DedupeIndex: JobIndex {
    private var active: [String: Set<JobID>] = [:]
    /// The one that ended last.
    private var ended: [String: JobID] = [:]

    /// A job with the key that has not ended, or else the one that ended last.
    func job(with key: JobKey, in records: JobRecords) -> Job? {
        let text = key.description
        let jobs = (active[text] ?? []).compactMap { records[$0]?.job }
        return jobs.min { $0.number < $1.number } ?? ended[text].flatMap { records[$0]?.job }
    }

    mutating func add(_ job: Job, among records: JobRecords) {
        guard let key = job.asked.terms.dedupeKey?.description else { return }
        guard job.status.isFinal else {
            active[key, default: []].insert(job.jobId)
            return
        }
        if let end = ended[key].flatMap({ records[$0]?.job?.times.finishedAt }), let own = job.times.finishedAt,
            own < end
        {
            return
        }
        ended[key] = job.jobId
    }

    mutating func remove(_ job: Job, among records: JobRecords) {
        guard let key = job.asked.terms.dedupeKey?.description else { return }
        if ended[key] == job.jobId { ended[key] = nil }
        active[key]?.remove(job.jobId)
        if active[key]?.isEmpty == true { active[key] = nil }
    }

    mutating func shrink() {
        active.shrink()
        ended.shrink()
    }
}
