package import JobModel

/// A batch with how far its jobs are.
package struct BatchState: Hashable, Sendable {
    /// As it is stored.
    package let batch: JobBatch
    /// Its jobs in each state; those that were deleted count as they ended.
    package private(set) var counts: [JobStatus: Int]
    /// The progress of those that have not ended, added up.
    private var openProgress = 0.0

    /// Counts the jobs that have ended, by the batch itself; others are added.
    package init(batch: JobBatch) {
        self.batch = batch
        counts = [.completed: batch.completed, .failed: batch.failed, .cancelled: batch.cancelled]
    }

    /// Takes in how many of its jobs are in a state; what has ended is counted in the batch itself.
    package mutating func add(_ status: JobStatus, count: Int, progress: Double) {
        guard !status.isFinal else { return }
        counts[status] = count
        openProgress += progress
    }

    /// 0 to 100: of all its jobs on average, those that have ended being done.
    package var progress: Double {
        if batch.finishedAt != nil { return 100 }
        let sum = Double(batch.ended) * 100 + openProgress
        return min(max((sum / Double(max(batch.size, 1)) * 10).rounded() / 10, 0), 100)
    }
}
