/// Which jobs wait for files that have not come whole.
struct ArrivalIndex: JobIndex {
    private var waiting: [FileID: Set<JobID>] = [:]

    func jobs(awaiting file: FileID) -> Set<JobID> { waiting[file] ?? [] }

    mutating func add(_ job: Job, among records: JobRecords) {
        for file in Self.awaited(job) { waiting[file, default: []].insert(job.jobId) }
    }

    mutating func remove(_ job: Job, among records: JobRecords) {
        for file in Self.awaited(job) {
            waiting[file]?.remove(job.jobId)
            if waiting[file]?.isEmpty == true { waiting[file] = nil }
        }
    }

    mutating func shrink() { waiting.shrink() }

    private static func awaited(_ job: Job) -> [FileID] {
        guard job.input.awaitsBytes, !job.status.isFinal else { return [] }
        return job.input.files.filter { !$0.isWhole }.map(\.fileId)
    }
}
