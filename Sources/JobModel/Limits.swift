/// How large things may be; the same for every door.
package enum Limits {
    /// `message`, `step` and a cancel's reason, in bytes of UTF-8.
    package static let textBytes = 1024
    /// The metadata of a job or a batch, as compact JSON, in bytes.
    package static let metadataBytes = 64 * 1024
    /// A merge patch of metadata, which may remove as much as it adds.
    package static let metadataPatchBytes = 2 * metadataBytes
    /// The result of a job, as compact JSON, in bytes.
    package static let resultBytes = 256 * 1024
    /// Input files of a job.
    package static let files = 100
    /// The events that one decision makes, about; what is left is decided next, and reads have their turn in between.
    package static let decisionEvents = 128
    /// The same for what is due by itself: nobody waits for the whole of it, so reads have their turn sooner.
    package static let dueEvents = 32
    /// Lines of a report, and of a job's log as far as an application may add to it.
    package static let reportLines = 100
    /// Lines of a job's log that an application adds, in all.
    package static let applicationLines: Int64 = 100_000
    /// A line that an application adds, in bytes of UTF-8.
    package static let lineBytes = 8192
    /// The lease of an application that runs a job itself, in seconds.
    package static let leaseSeconds = 5...86_400
    /// The lease of a worker, in seconds.
    package static let workerLeaseSeconds = 5...3600
    /// Queues that an offer names, and types.
    package static let offeredNames = 32
    /// Jobs that an offer takes.
    package static let offeredJobs = 1...100
    /// Leases that are renewed at once.
    package static let renewedLeases = 1000
    /// How far ahead a job may be scheduled.
    package static let scheduleAhead = Duration.days(100 * 366)
    /// What one run may leave.
    package static let artifacts = 1000
    /// The jobs that one may wait for.
    package static let dependencies = 100
    /// The jobs of a batch.
    package static let batchJobs = 1...1000
    /// Of limit and dedupe keys, in bytes of UTF-8.
    package static let keyBytes = 256
    /// What a time limit and the wait before another attempt may be.
    package static let spans = Duration.milliseconds(1)...(.days(366))
    /// How long after its end a job answers for its dedupe key, in seconds.
    package static let dedupeSeconds = 1...31_622_400
    /// Moments of a schedule that are made up for.
    package static let missedMoments = 1000
    /// Moments of a schedule that are shown.
    package static let shownMoments = 5
    /// Schedules above which no other is made, those of the configuration included.
    package static let schedules = 1000
    /// Earlier runs of a job of which the error and the lines stay.
    package static let keptRuns = 20
    /// The name of an uploaded file, in bytes of UTF-8.
    package static let fileNameBytes = 255
    /// What the sender of a resumable upload says of it.
    package static let uploadMetadataBytes = 8192
    /// Parts that are joined to one file.
    package static let uploadParts = 1...1000
    /// How long a finished resumable upload is known.
    package static let finishedUploads = Duration.hours(1)
    /// Finished resumable uploads that are known; the oldest are forgotten first.
    package static let finishedUploadCount = 10_000
    /// Of jobs in one queue; 0 is usual.
    package static let priorities = -100...100
    /// Starts of a job that its own failures may use up.
    package static let maxAttempts = 1...1000
    /// The name of a type of jobs, in bytes.
    package static let jobTypeBytes = 128
    /// Of files and artifacts, in bytes; every reader of JSON takes such a number exactly.
    package static let sizes: ClosedRange<Int64> = 0...(1 << 53)
    /// Numbers that clients give and that count something; as ``sizes``.
    package static let counts = sizes
}
