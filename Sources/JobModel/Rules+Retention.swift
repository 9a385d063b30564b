extension Rules {
    /// How long things stay.
    package struct Retention: Hashable, Sendable {
        /// Ended jobs, after their end.
        package var ended: Duration
        /// Those that ended so; nil: as ``ended`` says.
        package var completed: Duration?
        /// As ``completed``, for jobs that failed.
        package var failed: Duration?
        /// As ``completed``, for jobs that were cancelled.
        package var cancelled: Duration?
        /// The most ended jobs, and the most bytes of their files and artifacts, of which the oldest go first; nil: no limit.
        package var maximumJobs: Int?
        /// As ``maximumJobs``, in bytes of their files and artifacts.
        package var maximumBytes: Int64?
        /// What is left of deleted jobs, after their deletion.
        package var tombstones: Duration
        /// Jobs that have not got their input, after their last change.
        package var pending: Duration
        /// Files that no job uses, after they came.
        package var unusedFiles: Duration
        /// Resumable uploads that have not come whole, after the last byte that came.
        package var unfinishedUploads: Duration

        package init(
            ended: Duration = .days(30), pending: Duration = .days(1),
            unusedFiles: Duration = .days(1), completed: Duration? = nil, failed: Duration? = nil,
            cancelled: Duration? = nil, maximumJobs: Int? = nil, maximumBytes: Int64? = nil,
            tombstones: Duration = .days(90), unfinishedUploads: Duration = .days(1)
        ) {
            self.ended = ended
            self.completed = completed
            self.failed = failed
            self.cancelled = cancelled
            self.maximumJobs = maximumJobs
            self.maximumBytes = maximumBytes
            self.tombstones = tombstones
            self.pending = pending
            self.unusedFiles = unusedFiles
            self.unfinishedUploads = unfinishedUploads
        }

        /// How long a job stays that ended so.
        package func span(after ending: JobStatus) -> Duration {
            switch ending {
            case .completed: completed ?? ended
            case .failed: failed ?? ended
            case .cancelled: cancelled ?? ended
            case .pending, .blocked, .scheduled, .queued, .processing: ended
            }
        }

        /// The shortest of all spans.
        package var shortest: Duration {
            [ended, pending, unusedFiles, tombstones, completed, failed, cancelled].compactMap(\.self)
                .reduce(unfinishedUploads, min)
        }
    }

    /// When a job may go; nil for one that has still something to come.
    func expiry(of job: Job) -> Timestamp? {
        switch job.status {
        case .completed, .failed, .cancelled:
            (job.times.finishedAt ?? job.times.updatedAt)
                + (pipelines[job.asked.jobType]?.retention ?? retention.span(after: job.status))
        case .pending: job.input.isWhole ? nil : job.times.updatedAt + retention.pending
        case .blocked, .scheduled, .queued, .processing: nil
        }
    }
}
