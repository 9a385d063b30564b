import JSON
import JobModel

/// The states of watched jobs that a connection was too slow for.
///
/// Those of named jobs are bounded by the names: the daemon holds the jobs anyway. A watch without names that falls behind
/// too far ends, and its client is told to begin anew.
struct UnsentStates {
    /// States of watches without names, and what they may take up in bytes.
    static let limit = 10_000
    static let byteLimit = 16 * 1024 * 1024

    private struct WatchedJob: Hashable {
        let watch: Int
        let jobId: JobID
    }

    private var named = Backlog<WatchedJob, JobRecord>()
    private var others: [Int: Backlog<JobID, JobRecord>] = [:]
    private var count = 0
    private var bytes = 0

    var isEmpty: Bool { named.isEmpty && others.isEmpty }

    /// Keeps a state; returns the watch that has to end for it, nil when there is room.
    mutating func put(_ record: JobRecord, watch: Watches.Number) -> Int? {
        let isFinal = !record.isActive
        guard !watch.isNamed else {
            named.put(record, isFinal: isFinal, for: WatchedJob(watch: watch.value, jobId: record.jobId))
            return nil
        }
        change(watch.value) { $0.put(record, isFinal: isFinal, weight: record.approximateBytes, for: record.jobId) }
        guard count > Self.limit || bytes > Self.byteLimit else { return nil }
        let largest = others.max { $0.value.weight < $1.value.weight }?.key
        if let largest { remove(largest) }
        return largest
    }

    /// Takes the oldest state of one of the watches.
    mutating func popFirst() -> (JobRecord, watch: Int)? {
        if let (key, record) = named.popFirst() { return (record, key.watch) }
        guard let watch = others.keys.first else { return nil }
        var state: JobRecord?
        change(watch) { state = $0.popFirst()?.state }
        return state.map { ($0, watch) }
    }

    /// Forgets the states of a watch without names.
    mutating func remove(_ watch: Int) {
        guard let backlog = others.removeValue(forKey: watch) else { return }
        count -= backlog.count
        bytes -= backlog.weight
    }

    private mutating func change(_ watch: Int, _ body: (inout Backlog<JobID, JobRecord>) -> Void) {
        var backlog = others.removeValue(forKey: watch) ?? Backlog()
        count -= backlog.count
        bytes -= backlog.weight
        body(&backlog)
        count += backlog.count
        bytes += backlog.weight
        if !backlog.isEmpty { others[watch] = backlog }
    }
}

extension JobRecord {
    /// About what it takes up.
    fileprivate var approximateBytes: Int {
        guard case .job(let job) = self else { return 500 }
        return 1000 + job.input.metadata.byteCount + (job.outcome.result?.byteCount ?? 0)
            + 400 * (job.input.files.count + job.outcome.artifacts.count)
    }
}
