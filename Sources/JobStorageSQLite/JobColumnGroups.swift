import JobModel

/// Columns of `job` that are written together, because they change together; a statement binds no others.
struct JobColumnGroups: OptionSet, Sendable {
    let rawValue: Int

    /// What the job is about, and what came of it: all that ``Details`` may hold a part of.
    static let content = JobColumnGroups(rawValue: 1)
    /// A start, who has it, and what was asked of it since.
    static let run = JobColumnGroups(rawValue: 2)
    /// How far it is.
    static let progress = JobColumnGroups(rawValue: 4)
    /// Whether it has ended; indexes have it, and are written whenever it is set.
    static let end = JobColumnGroups(rawValue: 8)

    /// By which others find it, from its making on.
    static let keys = JobColumnGroups(rawValue: 16)

    static let all: JobColumnGroups = [.content, .run, .progress, .end, .keys]
    /// One for each combination, by their raw values.
    static let combinations = (0...all.rawValue).map { JobColumnGroups(rawValue: $0) }

    var columns: [JobColumn] {
        var columns: [JobColumn] = []
        // An older version has put short metadata among the details, which it leaves with them.
        if contains(.content) { columns += [.priority, .hasInput, .metadata, .bytes] }
        if contains(.run) {
            columns += [.attempt, .crashes, .releases, .run, .runner, .worker, .leaseSeconds, .heardAt, .leaseToken]
            columns += [.startedAt, .retriedAt, .cancelRequestedAt]
        }
        if contains(.progress) { columns += [.progress, .step, .message, .lineCount] }
        if contains(.end) { columns += [.finishedAt] }
        if contains(.keys) { columns += [.dedupeKey, .batchId] }
        return columns
    }
}

extension JobColumnGroups {
    /// Those in which two states of a job differ.
    init(of job: Job, unlike before: Job) {
        self = []
        if job.asked != before.asked || job.input != before.input || job.outcome != before.outcome
            || job.runs.earlier != before.runs.earlier
        {
            insert(.content)
        }
        if job.runs != before.runs || job.lease != before.lease || job.times.startedAt != before.times.startedAt
            || job.times.retriedAt != before.times.retriedAt
            || job.times.cancelRequestedAt != before.times.cancelRequestedAt
        {
            insert(.run)
        }
        if job.progress != before.progress { insert(.progress) }
        if job.times.finishedAt != before.times.finishedAt { insert(.end) }
    }

    /// Those of a job that is new to the store; a row has its content always.
    init(ofNew job: Job) {
        self = .content
        if !job.$runs.isUsual || !job.$lease.isUsual || job.times.startedAt != nil || job.times.retriedAt != nil
            || job.times.cancelRequestedAt != nil
        {
            insert(.run)
        }
        if job.progress != Job.Progress() { insert(.progress) }
        if job.times.finishedAt != nil { insert(.end) }
        if !job.asked.$terms.isUsual { insert(.keys) }
    }
}
