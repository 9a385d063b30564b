import Dispatch
import JSON
package import JobFiles
package import JobModel
import JobSystem
package import Logging
import Synchronization

/// Runs jobs on Dispatch queues: each slot of a named queue is one serial queue, a lane.
///
/// Only the map decides how many jobs run. A concurrent Dispatch queue would starve when its work blocks; a lane never does.
/// Every method may be called from any thread.
package final class Processor: Sendable {
    private struct Running {
        let number: Int64
        let cancellation: Cancellation
    }

    private struct Lane {
        let queue: DispatchQueue
        var isBusy: Bool
    }

    private struct State {
        var pipelines: [String: Pipeline]
        var running: [JobID: Running] = [:]
        var lanes: [String: [Lane]] = [:]
        var isStopping = false
        var tell: @Sendable (Command) -> Void = { _ in }
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []

        /// A free lane of a queue, or a new one.
        mutating func takeLane(of queue: String) -> (Int, DispatchQueue) {
            if let index = lanes[queue]?.firstIndex(where: { !$0.isBusy }), let lane = lanes[queue]?[index] {
                lanes[queue]?[index].isBusy = true
                return (index, lane.queue)
            }
            let index = lanes[queue]?.count ?? 0
            let lane = Lane(queue: DispatchQueue(label: "jobd.\(queue).\(index)"), isBusy: true)
            lanes[queue, default: []].append(lane)
            return (index, lane.queue)
        }
    }

    private let area: FilesArea
    package let sandbox: Sandbox
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let state: Mutex<State>
    private let left: LeftRuns

    /// How long a job waits that the machine had nothing left for.
    private static let shortageDelay = Duration.seconds(5)

    /// Makes a processor; ``connect(to:)`` comes before the first job.
    ///
    /// - Parameters:
    ///   - pipelines: By job type.
    ///   - area: Where the files are.
    ///   - sandbox: What makes the rooms of steps.
    ///   - now: The time for log lines and results.
    ///   - logger: For what concerns no job.
    package init(
        pipelines: [String: Pipeline], area: FilesArea, sandbox: Sandbox, now: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.area = area
        self.sandbox = sandbox
        self.now = now
        self.logger = logger
        left = LeftRuns(logger: logger)
        state = Mutex(State(pipelines: pipelines))
    }

    /// Names who hears how runs go: with ``Command/report(_:run:_:)``, and at the end with
    /// ``Command/finish(_:run:_:)`` or ``Command/release(_:run:delay:)``.
    package func connect(to tell: @escaping @Sendable (Command) -> Void) {
        state.withLock { $0.tell = tell }
    }

    /// Jobs that start from now on use these; runs that go on keep theirs.
    package func setPipelines(_ pipelines: [String: Pipeline]) {
        state.withLock { $0.pipelines = pipelines }
    }

    /// Ends and removes what a dead daemon left; returns at once, and no run begins before nothing is left of its job's
    /// earlier ones.
    ///
    /// Comes before the first job, and blocks only to look what there is.
    package func cleanUp() {
        sandbox.warmUp()
        area.types.warmUp()
        left.clean(area)
    }

    /// Starts the job's present run; returns at once.
    package func run(_ job: Job) {
        guard let number = job.runs.last else { return }
        guard let cancellation = try? Cancellation() else {
            logger.warning("a run was not started, for want of a descriptor", metadata: ["job": "\(job.jobId)"])
            return state.withLock(\.tell)(.release(job.jobId, run: number, delay: Self.shortageDelay))
        }
        let (pipeline, lane, tell) = state.withLock { state in
            guard let pipeline = state.pipelines[job.asked.jobType], !pipeline.steps.isEmpty else {
                return (state.pipelines[job.asked.jobType], nil as (Int, DispatchQueue)?, state.tell)
            }
            state.running[job.jobId] = Running(number: number, cancellation: cancellation)
            if state.isStopping { cancellation.cancel() }
            return (pipeline, state.takeLane(of: job.asked.queue), state.tell)
        }
        guard let pipeline, let lane else {
            return tell(.finish(job.jobId, run: number, Self.outcomeWithoutSteps(job, pipeline)))
        }
        lane.1.async { [self] in
            left.wait(for: job.jobId, until: cancellation)
            let reporter = Reporter(earlierLines: job.progress.lineCount, now: now) {
                tell(.report(job.jobId, run: number, $0))
            }
            var run = Run(
                job: job, number: number, pipeline: pipeline, area: area, sandbox: sandbox,
                cancellation: cancellation, reporter: reporter, logger: logger)
            ended(job, number, run.conclude(), lane: lane.0)
        }
    }

    private static func outcomeWithoutSteps(_ job: Job, _ pipeline: Pipeline?) -> RunOutcome {
        guard pipeline == nil else { return RunOutcome(.completed, result: JSONText(["steps": []])) }
        let failure = JobFailure(
            .rejected,
            message: "This service has no pipeline for jobs of the type \(job.asked.jobType). Tell its operator.")
        return RunOutcome(.failed(failure, mayRetry: false))
    }

    private func ended(_ job: Job, _ number: Int64, _ end: Run.Conclusion, lane: Int) {
        let (isStopping, tell) = state.withLock { state in
            state.lanes[job.asked.queue]?[lane].isBusy = false
            return (state.isStopping, state.tell)
        }
        // A run that starts again keeps what it said last.
        func release(_ lines: [LogLine], _ command: Command) {
            if !lines.isEmpty { tell(.report(job.jobId, run: number, Report(lines: lines))) }
            tell(command)
        }
        switch end {
        case .givenBack(let reason, let lines):
            logger.warning(
                "a run was given back, since the machine had nothing left for it",
                metadata: ["job": "\(job.jobId)", "reason": "\(reason)"])
            // Where rooms are what is missing, it is not started again before they can be made.
            release(lines, .release(job.jobId, run: number, delay: sandbox.isBroken ? .zero : Self.shortageDelay))
        case .over(let outcome):
            if isStopping, case .cancelled = outcome.ending {
                release(outcome.lines, .release(job.jobId, run: number, delay: .zero))
            } else {
                tell(.finish(job.jobId, run: number, outcome))
            }
        }
        let waiting: [CheckedContinuation<Void, Never>] = state.withLock { state in
            if state.running[job.jobId]?.number == number { state.running[job.jobId] = nil }
            guard state.running.isEmpty else { return [] }
            defer { state.waitingForEnd = [] }
            return state.waitingForEnd
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Tells a run to stop; its outcome follows, unless it has ended already.
    package func cancel(_ id: JobID, run number: Int64) {
        let cancellation = state.withLock { state in
            state.running[id].flatMap { $0.number == number ? $0.cancellation : nil }
        }
        cancellation?.cancel()
    }

    /// Ends everything that runs, and returns when it has said so of each run.
    package func stop() async {
        await withCheckedContinuation { continuation in
            let cancellations: [Cancellation] = state.withLock { state in
                state.isStopping = true
                if !state.running.isEmpty { state.waitingForEnd.append(continuation) }
                return state.running.values.map(\.cancellation)
            }
            for cancellation in cancellations { cancellation.cancel() }
            if cancellations.isEmpty { continuation.resume() }
        }
    }
}
