/// Where a job is in its life.
///
/// What leads from one to another is written in one place, ``JobMap``.
package enum JobStatus: String, Hashable, Sendable, CaseIterable {
    /// Its input has not come. Leaves to `scheduled` or `queued` with input, to `processing`, `completed` or
    /// `failed` when the application runs it itself, to `cancelled`.
    case pending
    /// Waits for the end of other jobs. Leaves to `scheduled`, `queued` or `pending` then; to `failed` when one of them did
    /// not end as it had to; to `cancelled`.
    case blocked
    /// Waits for ``Job/Times/runAt``. Leaves at that moment to `queued`, or to `pending` without input; to `cancelled`.
    case scheduled
    /// Waits for a slot in its queue. Leaves to `processing` when one is free, to `scheduled` when it is put off, to
    /// `cancelled`.
    case queued
    /// Runs, by jobd, by a worker or by the application. Leaves to a final state; by jobd and by a worker also to `scheduled`
    /// (a failure that is tried again) and to `queued` (the run was lost or given back).
    case processing
    /// Ended with a result. Final: only delete leaves it.
    case completed
    /// Ended with an error. Final: only retry and delete leave it.
    case failed
    /// Ended on request. Final: only retry and delete leave it.
    case cancelled

    /// Whether it has ended; only retry and delete go on from there.
    package var isFinal: Bool {
        switch self {
        case .pending, .blocked, .scheduled, .queued, .processing: false
        case .completed, .failed, .cancelled: true
        }
    }
}

/// Who runs a job's work.
package enum Runner: String, Hashable, Sendable {
    /// The daemon, through a pipeline; goes back to `queued` after a crash.
    case jobd
    /// The application, which reports by updates; untouched by the daemon's crashes, and ended when it is silent.
    case application
    /// A worker that asked for it; goes back to `queued` when its lease or its connection ends.
    case worker
}
