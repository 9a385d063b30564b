import Glibc
import JSON
import JobFiles
import JobModel
import JobSystem
import Logging

/// One run of a job, from an empty directory to its outcome.
///
/// Blocks its lane, and belongs to that one thread.
struct Run {
    let job: Job
    /// As in ``RunDirectory``: no two of a job have the same.
    let number: Int64
    let pipeline: Pipeline
    let area: FilesArea
    let sandbox: Sandbox
    let cancellation: Cancellation
    let reporter: Reporter
    let logger: Logger

    let started = ContinuousClock.now
    var result: RunResult
    /// The job's files as the next step sees them.
    var files: [WorkingFile] = []
    /// Which files steps have worked on.
    var work: FileWork

    init(
        job: Job, number: Int64, pipeline: Pipeline, area: FilesArea, sandbox: Sandbox,
        cancellation: Cancellation, reporter: Reporter, logger: Logger
    ) {
        self.job = job
        self.number = number
        self.pipeline = pipeline
        self.area = area
        self.sandbox = sandbox
        self.cancellation = cancellation
        self.reporter = reporter
        self.logger = logger
        result = RunResult(fileCount: job.input.files.count)
        work = FileWork(pipeline)
    }

    /// Why a run ends before its last step has.
    enum End: Error {
        /// With how the running step was ended, if one ran.
        case cancelled(JobFailure?)
        /// `retryAfter`: how long the next run waits at least.
        case failed(JobFailure, mayRetry: Bool, retryAfter: Duration? = nil)
        /// The machine had no process, descriptor or memory left for it.
        case shortage(String)
    }

    /// What becomes of the job.
    enum Conclusion {
        case over(RunOutcome)
        /// Nothing is wrong with it: it is to be tried again later.
        case givenBack(reason: String, lines: [LogLine] = [])
    }

    /// Runs every step that applies; nothing of the run is left when it returns but its artifacts.
    mutating func conclude() -> Conclusion {
        do {
            area.removeArtifacts(of: job.jobId, exceptOf: number)
            let directory = try needsDirectory ? makeDirectory() : nil
            defer { directory?.remove() }
            try runSteps(in: directory)
            let notice = noteIdleFiles()
            guard let text = resultText else {
                let message =
                    "The result is larger than \(Limits.resultBytes) bytes. Tell the operator of this service."
                throw End.failed(JobFailure(.outputLimit, message: message, step: result.lastStep), mayRetry: false)
            }
            var outcome = outcome(.completed, result: text, artifacts: try directory.map(collectArtifacts) ?? [])
            outcome.message = notice
            return .over(outcome)
        } catch End.cancelled(let failure) {
            return .over(outcome(.cancelled(failure)))
        } catch End.failed(let failure, let mayRetry, let retryAfter) {
            var outcome = outcome(.failed(failure, mayRetry: mayRetry), result: resultText)
            outcome.retryAfter = retryAfter
            return .over(outcome)
        } catch End.shortage(let reason) {
            return givenBack(reason)
        } catch let error as SystemError where error.isShortage {
            return givenBack("\(error)")
        } catch {
            let message = "The server could not read or write the job's files. Try again later."
            let failure = JobFailure(.rejected, message: message, step: result.lastStep, cause: "\(error)")
            return .over(outcome(.failed(failure, mayRetry: true)))
        }
    }

    /// What is built in reads files, and writes none.
    private var needsDirectory: Bool { !job.input.files.isEmpty || !pipeline.steps.allSatisfy(\.isBuiltIn) }

    private mutating func makeDirectory() throws -> RunDirectory {
        let directory = try RunDirectory(for: number, of: job, in: area, sharing: sandbox.state != .off)
        files = job.input.files.enumerated().map { index, file in
            WorkingFile(
                index: index, name: file.name, mediaType: file.mediaType, path: directory.inputs.path(index),
                directory: directory.inputs.directory, entry: Directory.Name(directory.inputs.names[index]))
        }
        return directory
    }

    private func collectArtifacts(of directory: RunDirectory) throws -> [Artifact] {
        try ArtifactCollector(area: area, jobId: job.jobId, run: number, mediaTypes: result.mediaTypes)
            .collect(from: directory) { reporter.log(result.lastStep, "jobd", $0) }
    }

    private func givenBack(_ reason: String) -> Conclusion {
        .givenBack(reason: reason, lines: reporter.finish(step: result.lastStep, .cancelled(nil)))
    }

    /// The narrowest limit of all steps together, from the beginning of the run on, and how it is called.
    var wholeLimit: (span: Duration, name: String)? {
        var limits: [(span: Duration, name: String)] = []
        if let timeout = pipeline.timeout {
            limits.append((timeout, "running: the pipeline's timeout of \(timeout)"))
        }
        if let running = job.asked.terms.timeouts.running {
            limits.append((running, "running: timeouts.running of \(Span.text(running))"))
        }
        if let total = job.asked.terms.timeouts.total, let start = job.times.startedAt {
            let left = max(.zero, job.beganAt + total - start)
            limits.append((left, "total: timeouts.total of \(Span.text(total))"))
        }
        return limits.min { $0.span < $1.span }
    }

    /// Called when what is left of a step does not end.
    var onDelay: @Sendable ([Int32]) -> Void {
        { [logger, path = area.runPath(of: job.jobId, run: number)] in LeftRuns.complain($0, path, logger) }
    }

    /// Says in the result with which files nothing was done, and in the log where it does not say so yet; returns it in one
    /// sentence.
    private mutating func noteIdleFiles() -> String? {
        let notices = work.notices(of: files)
        for (file, notice) in notices {
            result.set("notice", .string(notice), of: file)
            if !work.hasFailed(on: file) { reporter.log(result.lastStep, "jobd", "warning: \(notice)") }
        }
        return work.summary(of: files, notices: notices.map(\.notice))
    }

    private var resultText: JSONText? { result.text(names: job.input.files.map(\.name)) }

    private func outcome(
        _ ending: RunOutcome.Ending, result: JSONText? = nil, artifacts: [Artifact] = []
    ) -> RunOutcome {
        let lines = reporter.finish(step: self.result.lastStep, ending)
        return RunOutcome(ending, result: result, artifacts: artifacts, lines: lines)
    }
}
