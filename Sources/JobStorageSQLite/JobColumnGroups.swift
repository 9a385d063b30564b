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
    /// What it is found by; set in its first row, and never changed.
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

/// Not initializers, which would get copies of all parts.
extension Job {
    /// Those in which it differs from an earlier state.
    func columnGroups(unlike before: Job) -> JobColumnGroups {
        var groups: JobColumnGroups = []
        if asked != before.asked || input != before.input || $outcome != before.$outcome
            || runs.earlier != before.runs.earlier
        {
            groups.insert(.content)
        }
        if $runs != before.$runs || $lease != before.$lease || times.startedAt != before.times.startedAt
            || times.retriedAt != before.times.retriedAt || times.cancelRequestedAt != before.times.cancelRequestedAt
        {
            groups.insert(.run)
        }
        if $progress != before.$progress { groups.insert(.progress) }
        if times.finishedAt != before.times.finishedAt { groups.insert(.end) }
        return groups
    }

    /// Those that its first row has.
    var columnGroups: JobColumnGroups {
        var groups = JobColumnGroups.content
        if !$runs.isUsual || !$lease.isUsual || times.startedAt != nil || times.retriedAt != nil
            || times.cancelRequestedAt != nil
        {
            groups.insert(.run)
        }
        if !$progress.isUsual { groups.insert(.progress) }
        if times.finishedAt != nil { groups.insert(.end) }
        if !asked.$terms.isUsual { groups.insert(.keys) }
        return groups
    }
}
