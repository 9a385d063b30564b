import JobModel

/// Columns of `job` that are written together, because they change together; a statement binds no others.
struct JobColumnGroups: OptionSet, Sendable {
    let rawValue: Int

    /// What the job is about, and what came of it: all that ``Details`` may hold a part of.
    static let content = JobColumnGroups(rawValue: 1)
    /// A start, and who has it.
    static let run = JobColumnGroups(rawValue: 2)
    /// How far it is.
    static let progress = JobColumnGroups(rawValue: 4)
    /// Whether it has ended; indexes have it, and are written whenever it is set.
    static let end = JobColumnGroups(rawValue: 8)

    static let all: JobColumnGroups = [.content, .run, .progress, .end]

    var columns: [JobColumn] {
        var columns: [JobColumn] = []
        // An older version has put short metadata among the details, which it leaves with them.
        if contains(.content) { columns += [.priority, .hasInput, .metadata, .bytes] }
        if contains(.run) {
            columns += [.attempt, .crashes, .releases, .run, .runner, .worker, .leaseSeconds, .heardAt, .leaseToken]
        }
        if contains(.progress) { columns += [.progress, .step, .message, .lineCount] }
        if contains(.end) { columns += [.finishedAt] }
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
        if job.runs != before.runs || job.lease != before.lease { insert(.run) }
        if job.progress != before.progress { insert(.progress) }
        if job.times.finishedAt != before.times.finishedAt { insert(.end) }
    }
}
