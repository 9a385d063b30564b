/// Something asked of the map, which answers with events or a ``JobError``.
///
/// Of the ids in a command, those that the map does not know count as not existing: whoever applies one has asked the
/// store before, and admitted what was found.
package enum Command: Hashable, Sendable {
    // From clients.

    /// Makes a job unless its id exists.
    indirect case create(Creation)
    /// Gives a job its input and queues it; makes it when the id is unknown.
    indirect case process(Creation)
    // Those with a version are refused when the job has another one.

    /// The application's own report.
    indirect case update(JobID, Update, ifVersion: Int64? = nil)
    case cancel(JobID, reason: String?, ifVersion: Int64? = nil)
    case retry(JobID, ifVersion: Int64? = nil)
    case delete(JobID, ifVersion: Int64? = nil)
    /// Makes a stored upload known.
    indirect case adoptFile(JobFile)
    case deleteFile(FileID)
    /// Announces a resumable upload; it may be said again.
    case createUpload(UploadCreation)
    /// Changes nothing; answered when what was decided before is durable.
    case readUpload(FileID)
    /// Says how long an upload is that was announced without.
    case setUploadLength(FileID, Int64)
    /// Takes an upload back, and its file, unless a job uses it.
    case deleteUpload(FileID)
    /// Makes jobs together, all or none, unless the id of the batch exists.
    indirect case createBatch(BatchCreation)
    /// Cancels what has not ended of a batch.
    case cancelBatch(BatchID, reason: String?)
    case pause(queue: String)
    case resume(queue: String)

    // From workers.

    /// Asks for jobs; what the offer does not get now it may get later.
    indirect case claim(Offer)
    /// Keeps leases; at most ``Limits/renewedLeases``.
    case renew([LeaseProof])
    /// Says how the run goes that a token stands for.
    indirect case say(LeaseWord, LeaseProof)

    // From operators.

    /// Makes a schedule, or changes it.
    indirect case putSchedule(ScheduleName, Schedule.Plan)
    /// Removes one; its jobs stay.
    case deleteSchedule(ScheduleName)
    /// Makes a job of a schedule now.
    case runSchedule(ScheduleName)
    /// Changes nothing; answered when what was decided before is durable.
    case readSchedules
    /// Nothing is started and nothing is made until ``undrain``.
    case drain
    /// Ends a drain.
    case undrain

    // From the daemon's own parts. One that comes late, for a run that has ended, does nothing.

    /// A run's progress and output.
    indirect case report(JobID, run: Int64, Report)
    indirect case finish(JobID, run: Int64, RunOutcome)
    /// Removes a job that has stayed as long as it may; does nothing to any other.
    case expire(JobID)
    /// Removes an upload that has not been finished in its time, or what is known of one that was; its file stays.
    case forgetUpload(FileID)
    /// Removes an ended job, since there are too many; does nothing to any other.
    case evict(JobID)
    /// The daemon stops while the job runs, or the machine has nothing left to run it with: it starts again, after the
    /// delay at the earliest.
    case release(JobID, run: Int64, delay: Duration = .zero)
    /// The worker that holds a run is gone.
    case lose(JobID, run: Int64)
    /// The configuration has these schedules, and no others.
    case syncSchedules([ScheduleName: Schedule.Plan])
    /// Time has passed: `JobMap.nextDeadline` is due.
    case tick
    /// The daemon has started: nothing that the last one ran is running any more.
    case recover
}
