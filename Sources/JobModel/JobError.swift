/// Why a command was refused; nothing was changed.
package indirect enum JobError: Error, Hashable, Sendable {
    /// A value that could never be taken; the pointer (RFC 6901) says which.
    case invalid(pointer: String, reason: String)
    /// Whoever asks has to say who he is.
    case unauthorized(reason: String)
    /// Whoever asks has no right to it.
    case forbidden(reason: String)
    case jobNotFound(JobID)
    case jobGone(Tombstone)
    /// The id is somebody else's; nothing more is told.
    case jobTaken(JobID)
    /// The key is that of a job which there is not for whoever asks; nothing more is told.
    case keyTaken
    /// The job's state does not allow it; the job as it is.
    case jobConflict(Job, reason: String)
    /// The job does not have the version that the command is for; the job as it is.
    case versionConflict(Job, expected: Int64)
    case fileNotFound(FileID)
    case fileInUse(FileID)
    case uploadNotFound(FileID)
    case queueNotFound(String)
    /// The token is not that of the one who holds the job now.
    case leaseLost(JobID)
    case batchNotFound(BatchID)
    case scheduleNotFound(ScheduleName)
    /// What somebody else keeps up, such as the configuration.
    case refused(reason: String)
    /// It would be more than there may be, of one account or in all.
    case quotaExceeded(Quotas.Kind, Quotas.Scope, limit: Int64)
    /// Nothing is started, and nothing is made.
    case draining
    /// What is wrong with a part of a request, and where the part is.
    case within(pointer: String, JobError)
}

extension JobError {
    /// Does something with a part of a request; what is wrong with it is named by the part's pointer, and then its own.
    static func within<Value>(
        _ pointer: String, _ body: () throws(JobError) -> Value
    ) throws(JobError) -> Value {
        do {
            return try body()
        } catch {
            throw .within(pointer: pointer, error)
        }
    }

    static func scheduleOfConfiguration(_ name: ScheduleName) -> JobError {
        .refused(reason: "The schedule \(name) is one of the configuration; change it there.")
    }
}
