import JobModel
import JobStorage

/// What is found by more than its id.
extension MemoryRecords {
    func page(_ query: JobQuery) -> JobPage {
        let matching = jobs.values.compactMap(\.job).filter(query.matches).sorted {
            query.isBefore(JobQuery.Position($0), JobQuery.Position($1))
        }
        var (page, bytes): ([Job], Int) = ([], 0)
        for var job in matching.prefix(query.limit) where page.isEmpty || bytes <= JobQuery.byteLimit {
            job.outcome.result = nil
            job.outcome.artifacts = []
            job.runs.earlier = []
            page.append(job)
            bytes += job.listedByteCount
        }
        return JobPage(jobs: page, next: matching.count > page.count ? page.last.map { .init($0) } : nil)
    }

    func lines(of id: JobID, run: Int64?, after number: Int64, limit: Int) -> [LogLine] {
        let found = (lines[id] ?? []).filter { $0.number > number && (run ?? $0.run) == $0.run }
        return Array(found.prefix(limit))
    }

    func unusedFiles(createdBefore moment: Timestamp, limit: Int) -> [FileID] {
        files.values.filter { $0.uses == 0 && $0.createdAt < moment }.prefix(limit).map(\.file.fileId)
    }

    func expiredJobs(_ cutoffs: EndCutoffs, pendingUnchangedBefore: Timestamp, limit: Int) -> [JobID] {
        let expired = jobs.values.lazy.compactMap(\.job).filter { job in
            job.status.isFinal
                ? cutoffs.includes(job)
                : job.status == .pending && !job.input.isWhole && job.times.updatedAt < pendingUnchangedBefore
        }
        return expired.prefix(limit).map(\.jobId)
    }
}

extension JobQuery {
    /// Whether a list has the first one before the second.
    fileprivate func isBefore(_ first: Position, _ second: Position) -> Bool {
        let (first, second) = isOldestFirst ? (first, second) : (second, first)
        return (first.createdAt, first.number) < (second.createdAt, second.number)
    }

    fileprivate func matches(_ job: Job) -> Bool {
        if !statuses.isEmpty, !statuses.contains(job.status) { return false }
        if let queue, job.asked.queue != queue { return false }
        if let jobType, job.asked.jobType != jobType { return false }
        if let owner, job.asked.owner != owner { return false }
        if let after, !isBefore(after, Position(job)) { return false }
        if let createdSince, job.times.createdAt < createdSince { return false }
        if let createdBefore, job.times.createdAt >= createdBefore { return false }
        if let endedBefore, job.times.finishedAt.map({ $0 >= endedBefore }) ?? true { return false }
        guard let text = text.map(SearchText.init) else { return true }
        let said = [job.progress.message, job.outcome.error?.message].compactMap(\.self)
        return text.begins(job.jobId) || said.contains(where: text.isIn)
            || job.input.files.contains { text.isIn($0.name) }
    }
}
