/// Why a job does not run.
extension JobMap {
    /// Why a job does not run.
    ///
    /// Names only those other jobs that there are for whom it is told to: an id may be all that one needs to have a job.
    package func explanation(
        of job: Job, for access: Access = .everything, at now: Timestamp
    ) -> Explanation {
        func shown(_ ids: [JobID]) -> [JobID] { ids.filter { record($0).map(access.sees) ?? false } }
        func answer(_ because: Explanation.Because, _ text: String, by: [JobID] = []) -> Explanation {
            let isWaiting = job.status == .queued
            let position = isWaiting ? indexes.queues[job.asked.queue].position(of: job) : nil
            return Explanation(
                jobId: job.jobId, status: job.status, because: because, text: text, position: position,
                estimate: estimate(of: job, because, at: position, now: now), by: shown(by))
        }
        switch job.status {
        case .completed, .failed, .cancelled: return answer(.final, "The job has ended as \(job.status.rawValue).")
        case .processing:
            let runner =
                switch job.lease.runner {
                case .application: "the application"
                case .worker: job.lease.worker.map { "the worker \($0)" } ?? "a worker"
                case .jobd, nil: "this service"
                }
            return answer(
                .running,
                job.times.cancelRequestedAt == nil
                    ? "The job runs, by \(runner)." : "The job is being stopped, as was asked."
            )
        case .pending: return answer(.noInput, "The job waits for its input, or for the application to run it.")
        case .blocked:
            if case .open(let ids) = standing(of: job), !ids.isEmpty {
                return answer(.blocked, wait(for: shown(ids).first, of: ids.count), by: ids)
            }
            guard let open = openJobs(before: job) else {
                return answer(.blocked, "What the job waited for has ended; it goes on now.")
            }
            return answer(.blocked, wait(for: shown([open.first]).first, of: open.count, " of its batch"))
        case .scheduled:
            let moment = job.times.runAt.map { "\($0)" } ?? "its time"
            return job.runs.attempt > 0
                ? answer(.retry, "The next attempt begins at \(moment).")
                : answer(.scheduled, "The job does not start before \(moment).")
        case .queued:
            let (because, text, by) = hold(on: job)
            return answer(because, text, by: by)
        }
    }

    /// The first of the jobs of its batch that a job waits for, and how many they are; nil when all have ended.
    private func openJobs(before job: Job) -> (first: JobID, count: Int)? {
        let ids = job.asked.terms.follows.map(indexes.batches.activeJobs) ?? []
        let first = ids.lazy.compactMap { record($0)?.job }.min { $0.number < $1.number }
        return first.map { ($0.jobId, ids.count) }
    }

    /// Names the first of the `count` jobs that a job waits for; nil must not be named.
    private func wait(for first: JobID?, of count: Int, _ whom: String = "") -> String {
        guard let first else { return "The job waits for the end of other jobs\(whom): \(count)." }
        let others = count > 1 ? " and \(count - 1) more" : ""
        return "The job waits for the end of \(first)\(others)\(whom)."
    }

    /// What keeps a job waiting that could have a slot.
    private func hold(on job: Job) -> (because: Explanation.Because, text: String, by: [JobID]) {
        let state = indexes.queues[job.asked.queue]
        if isHeld { return (.draining, "The service starts no jobs: it is drained, or about to stop.", []) }
        if state.isPaused { return (.queuePaused, "The queue \(job.asked.queue) is paused.", []) }
        guard let pipeline = rules.pipelines[job.asked.jobType] else {
            return (.noPipeline, "There is no pipeline for jobs of the type \(job.asked.jobType) any more.", [])
        }
        if isSandboxBroken, pipeline.work == .jobd, pipeline.runsPrograms {
            return (.sandbox, "No sandbox can be made for steps, so none is started.", [])
        }
        if let key = job.asked.terms.limitKey, !state.isFree(key.description) {
            let running = state.runningJobs(of: key.description)
            return (.keyBusy, "The limit of jobs with the key \(key.key) is reached.", running)
        }
        if state.counts.running >= width(of: job.asked.queue) {
            return (.queueFull, "All slots of the queue \(job.asked.queue) are in use.", state.runningJobs())
        }
        var offers = offers
        if offers.holder(of: job.asked.jobType, in: job.asked.queue, rules) == nil {
            let (type, queue) = (job.asked.jobType, job.asked.queue)
            return (.noWorker, "No worker asks for jobs of the type \(type). Start one for the queue \(queue).", [])
        }
        return (.turn, "It is the turn of other jobs of the queue \(job.asked.queue).", [])
    }

    /// Until a job starts, as its queue has gone lately; nil where that depends on something else.
    private func estimate(
        of job: Job, _ because: Explanation.Because, at position: Int?, now: Timestamp
    ) -> Duration? {
        switch because {
        case .scheduled, .retry: return job.times.runAt.map { max(.zero, $0 - now) }
        case .queueFull, .turn:
            guard let position else { return nil }
            let state = indexes.queues[job.asked.queue]
            let width = width(of: job.asked.queue)
            let before = position - (width - state.counts.running)
            return before < 0 ? .zero : state.usualRun.map { $0 * (before + 1) / width }
        case .running, .final, .noInput, .blocked, .queuePaused, .keyBusy, .diskLow, .sandbox, .draining, .noWorker,
            .noPipeline:
            return nil
        }
    }
}
