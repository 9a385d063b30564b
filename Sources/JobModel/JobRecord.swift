/// What a store keeps under a job's id: the job, or the trace of a deleted one.
///
/// Indirect, so that the map and the committed image share one allocation of each job.
package indirect enum JobRecord: Hashable, Sendable {
    case job(Job)
    case gone(Tombstone)

    /// Under which it is stored.
    package var jobId: JobID {
        switch self {
        case .job(let job): job.jobId
        case .gone(let tombstone): tombstone.jobId
        }
    }

    /// Counts stored states, from 1; a store refuses a change of any other revision than its own.
    package var revision: Int64 {
        switch self {
        case .job(let job): job.revision
        case .gone(let tombstone): tombstone.revision
        }
    }

    /// The state, nil for a tombstone.
    package var status: JobStatus? {
        switch self {
        case .job(let job): job.status
        case .gone: nil
        }
    }

    /// The number of the state for clients; nil for a tombstone.
    var version: Int64? {
        switch self {
        case .job(let job): job.version
        case .gone: nil
        }
    }

    /// When what happened to it; nil for a tombstone.
    package var times: Job.Times? {
        switch self {
        case .job(let job): job.times
        case .gone: nil
        }
    }

    /// Whose slots the job may take; nil for a tombstone.
    package var queue: String? {
        switch self {
        case .job(let job): job.asked.queue
        case .gone: nil
        }
    }

    /// Whether it takes one of its queue's slots.
    package var holdsSlot: Bool {
        // Most jobs do not run, and of those no copy is made.
        guard status == .processing, case .job(let job) = self else { return false }
        return job.holdsSlot
    }

    /// Nil for a tombstone, and for a job that has none.
    package var runner: Runner? {
        switch self {
        case .job(let job): job.lease.runner
        case .gone: nil
        }
    }

    /// Whose it is, or was; nil for nobody's.
    package var owner: String? {
        switch self {
        case .job(let job): job.asked.owner
        case .gone(let tombstone): tombstone.owner
        }
    }

    /// Nil for a tombstone.
    ///
    /// All parts are copied: who wants one of them asks for that.
    package var job: Job? { if case .job(let job) = self { job } else { nil } }

    /// Whether the map must hold it: it may forget final jobs and tombstones.
    package var isActive: Bool { status?.isFinal == false }
}
