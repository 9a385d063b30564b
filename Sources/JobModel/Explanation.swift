/// Why a job does not run, or what it does instead.
package struct Explanation: Hashable, Sendable {
    /// The reason, as programs read it.
    package enum Because: String, Hashable, Sendable, CaseIterable {
        case running, final
        case noInput = "no-input"
        case blocked, scheduled, retry
        case queuePaused = "queue-paused"
        case queueFull = "queue-full"
        case keyBusy = "key-busy"
        case turn
        case diskLow = "disk-low"
        case sandbox, draining
        case noWorker = "no-worker"
        case noPipeline = "no-pipeline"
    }

    /// The job that was asked about.
    package let jobId: JobID
    /// Its state in the map, which may be a moment ahead of what others have been told.
    package let status: JobStatus
    /// The one reason that comes first where several hold.
    package let because: Because
    /// A sentence for people.
    package let text: String
    /// How many jobs come before it in its queue, by priority and order; nil when it does not wait for a slot.
    package let position: Int?
    /// Until it starts; nil when nobody can tell.
    package let estimate: Duration?
    /// The jobs that it waits for.
    package let by: [JobID]

    package init(
        jobId: JobID, status: JobStatus, because: Because, text: String, position: Int? = nil,
        estimate: Duration? = nil, by: [JobID] = []
    ) {
        self.jobId = jobId
        self.status = status
        self.because = because
        self.text = text
        self.position = position
        self.estimate = estimate
        self.by = by
    }
}
