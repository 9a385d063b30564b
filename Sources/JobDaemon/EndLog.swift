import JobModel
import Logging

/// One line for each job that ends, with everything that became of it; but never more than a journal and the loop bear.
///
/// What is beyond ``limit`` in a second is counted, and said in one line of the next.
struct EndLog {
    /// Lines in a second: each costs the loop some microseconds, and systemd's journal takes 333 a second from a service.
    static let limit = 100

    private var second: Int64 = 0
    private var count = 0

    /// Tells of a job that has ended; the clock says how long it ran.
    mutating func add(_ job: Job, by clock: WallClock, to logger: Logger) {
        let level: Logger.Level = job.status == .failed ? .notice : .info
        guard logger.logLevel <= level else { return }
        let now = job.times.updatedAt.milliseconds / 1000
        if now != second {
            if count > Self.limit {
                logger.notice(
                    "more jobs ended than have a line of their own", metadata: ["jobs": "\(count - Self.limit)"])
            }
            (second, count) = (now, 0)
        }
        count += 1
        guard count <= Self.limit else { return }
        logger.log(level: level, "job ended", metadata: Self.fields(of: job, by: clock))
    }

    /// Leaves out all text of senders: a name or a message may be a secret, or written to deceive whoever reads the log.
    ///
    /// The parts of an error come from the pipeline only where jobd ran the job; its code has harmless characters.
    private static func fields(of job: Job, by clock: WallClock) -> Logger.Metadata {
        var fields: Logger.Metadata = [
            "job": "\(job.jobId)", "status": "\(job.status.rawValue)", "queue": "\(job.asked.queue)",
            "attempt": "\(job.runs.attempt)", "created": "\(job.times.createdAt)",
        ]
        if let run = job.runs.last { fields["run"] = "\(run)" }
        if job.runs.releases > 0 { fields["releases"] = "\(job.runs.releases)" }
        if job.runs.crashes > 0 { fields["crashes"] = "\(job.runs.crashes)" }
        if let startedAt = job.times.startedAt, let finishedAt = job.times.finishedAt {
            fields["ranMs"] = "\(clock.milliseconds(from: startedAt, to: finishedAt))"
            fields["started"] = "\(startedAt)"
        }
        if let error = job.outcome.error {
            fields["error"] = "\(error.code)"
            if job.lease.runner == .jobd {
                if let step = error.step { fields["step"] = "\(step)" }
                if let exitCode = error.exitCode { fields["exitCode"] = "\(exitCode)" }
                if let signal = error.signal { fields["signal"] = "\(signal)" }
            }
        }
        return fields
    }
}
