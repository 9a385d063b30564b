/// What happened: the smallest thing that is stored, undone and told.
///
/// Each event carries what it replaced, so that undoing it needs nothing else. A new case must be handled by both
/// stores and by the conformance suite.
package enum Event: Hashable, Sendable {
    case job(JobEvent)
    indirect case file(FileEvent)
    /// A queue was paused or resumed.
    case queue(name: String, wasPaused: Bool, isPaused: Bool)
    indirect case named(NamedEvent)

    /// The offer that got a job with this event.
    var takenOffer: OfferID? { if case .job(let event) = self { event.takenOffer } else { nil } }
}

/// A job's change from one stored state to the next.
package struct JobEvent: Hashable, Sendable {
    /// Why it changed; what to do besides storing and telling depends on it.
    package enum Kind: Hashable, Sendable {
        /// The job is new.
        case created
        /// Its application, its worker or a step reported, or something about it was changed that starts and ends nothing.
        case updated
        /// It waits for a slot: its input came, or `runAt` did, or its run was lost.
        case queued
        /// It has a slot: whoever got it runs it. Lines of runs more than ``Limits/keptRuns`` ago go.
        case started
        /// A running step is to be ended.
        case cancelRequested
        /// It reached a final state.
        case finished
        /// It left a final state, and names its artifacts no more; their bytes go when a later run starts or ends, or with it.
        case retried
        /// It became a tombstone: logs and artifacts go.
        case deleted
    }

    /// What happened, for those who act on it; the records alone say what is different.
    package let kind: Kind
    /// Nil when the job is new.
    package let before: JobRecord?
    /// The record as the store is to keep it, with the next revision.
    package let after: JobRecord
    /// Lines that the change adds to the job's log, numbered.
    package let lines: [LogLine]
    /// What webhooks are told of the change.
    package var deliveries: [Delivery]

    package init(
        kind: Kind, before: JobRecord?, after: JobRecord, lines: [LogLine] = [], deliveries: [Delivery] = []
    ) {
        self.kind = kind
        self.before = before
        self.after = after
        self.lines = lines
        self.deliveries = deliveries
    }

    /// The earliest run whose lines stay, for the start of one that others go for.
    package var firstKeptRun: Int64? {
        guard kind == .started, let run = after.job?.runs.last, run > Limits.keptRuns else { return nil }
        return run - Int64(Limits.keptRuns)
    }

    /// The offer that got the job with this event.
    package var takenOffer: OfferID? {
        guard kind == .started, let job = after.job, job.lease.runner == .worker else { return nil }
        return job.lease.token?.offer
    }

    /// Whether anybody outside can see a difference.
    package var isVisible: Bool { before?.version != after.version }
}

/// A file's coming (`before` nil), change of use, or going (`after` nil).
package struct FileEvent: Hashable, Sendable {
    /// Of the record before and after.
    package let fileId: FileID
    /// Nil when the file is new.
    package let before: FileRecord?
    /// Nil when the file is deleted: its bytes go once this is durable.
    package let after: FileRecord?

    package init(fileId: FileID, before: FileRecord?, after: FileRecord?) {
        self.fileId = fileId
        self.before = before
        self.after = after
    }
}
