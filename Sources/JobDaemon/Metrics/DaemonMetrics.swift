import CoreMetrics
import JobModel
import JobWire

/// What the daemon counts while it works.
///
/// The handles of each queue are made when the queue is first seen, so that counting is an addition in place. What
/// there is at a moment is read only when somebody asks (`Daemon+Metrics.swift`).
struct DaemonMetrics {
    private final class Queue {
        let created, started, completed, failed, cancelled: Counter
        let wait, run: Timer

        init(_ name: String, in registry: MetricRegistry) {
            func counter(_ label: String) -> Counter {
                Counter(label: label, dimensions: [("queue", name)], factory: registry)
            }
            func timer(_ label: String) -> Timer {
                Timer(label: label, dimensions: [("queue", name)], factory: registry)
            }
            created = counter("jobd_jobs_created_total")
            started = counter("jobd_jobs_started_total")
            completed = counter("jobd_jobs_completed_total")
            failed = counter("jobd_jobs_failed_total")
            cancelled = counter("jobd_jobs_cancelled_total")
            wait = timer("jobd_job_wait_seconds")
            run = timer("jobd_job_run_seconds")
        }
    }

    private struct RequestKind: Hashable {
        let operation: String
        let status: String
    }

    let registry = MetricRegistry(MetricDefinition.all)
    private var queues: [String: Queue]
    private var requests: [RequestKind: Counter] = [:]
    private let batchSize: Recorder
    private let commitTime: Timer
    private let failedCommits: Counter

    /// Begins to count; these queues are told from the start, others once they have jobs.
    init(queues names: some Sequence<String>) {
        batchSize = Recorder(label: "jobd_commit_batch_size", factory: registry)
        commitTime = Timer(label: "jobd_commit_duration_seconds", factory: registry)
        failedCommits = Counter(label: "jobd_commits_failed_total", factory: registry)
        queues = [:]
        for name in names { queues[name] = Queue(name, in: registry) }
    }

    /// Counts what an event that is durable means; the clock tells what passed between two moments.
    mutating func record(_ event: JobEvent, by clock: WallClock) {
        guard event.kind.isOfLife, let name = event.after.queue, let times = event.after.times else { return }
        let queue = queue(name)
        switch event.kind {
        case .created where event.before == nil: queue.created.increment()
        case .started:
            queue.started.increment()
            let waiting = times.queuedAt ?? times.createdAt
            queue.wait.recordMilliseconds(clock.milliseconds(from: waiting, to: times.updatedAt))
        case .finished:
            switch event.after.status {
            case .completed: queue.completed.increment()
            case .failed: queue.failed.increment()
            case .cancelled: queue.cancelled.increment()
            case .pending, .blocked, .scheduled, .queued, .processing, nil: return
            }
            guard let startedAt = times.startedAt else { return }
            queue.run.recordMilliseconds(clock.milliseconds(from: startedAt, to: times.updatedAt))
        case .created, .updated, .queued, .cancelRequested, .retried, .deleted: break
        }
    }

    /// Counts a commit that succeeded.
    func recordCommit(ofEvents count: Int, nanoseconds: Int64) {
        batchSize.record(count)
        commitTime.recordNanoseconds(nanoseconds)
    }

    func recordFailedCommit() { failedCommits.increment() }

    /// Counts what a front has answered; kinds beyond the most that there may be are left out.
    mutating func record(_ report: [FrontReport.Requests]) {
        for entry in report {
            let kind = RequestKind(operation: entry.operation, status: entry.status)
            guard requests[kind] != nil || requests.count < FrontReport.maximumRequestKinds else { continue }
            let counter =
                requests[kind]
                ?? Counter(
                    label: "jobd_http_requests_total",
                    dimensions: [("operation", kind.operation), ("status", kind.status)], factory: registry)
            requests[kind] = counter
            counter.increment(by: entry.count)
        }
    }

    /// There are as many as were configured while the daemon lives, or have jobs in the store.
    private mutating func queue(_ name: String) -> Queue {
        if let queue = queues[name] { return queue }
        let queue = Queue(name, in: registry)
        queues[name] = queue
        return queue
    }
}
