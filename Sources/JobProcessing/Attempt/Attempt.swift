import Glibc
import JobFiles
import JobModel

/// One attempt at a job, from an empty directory to its outcome.
///
/// Blocks its lane, and belongs to that one thread.
struct Attempt {
    let job: Job
    let pipeline: Pipeline
    let area: FilesArea
    let supervisor: String
    let cancellation: Cancellation
    let reporter: Reporter

    private let started = ContinuousClock.now
    private var result = AttemptResult()
    private var steps: [JSONValue] = []
    private var lastStep = ""

    init(
        job: Job, pipeline: Pipeline, area: FilesArea, supervisor: String, cancellation: Cancellation,
        reporter: Reporter
    ) {
        self.job = job
        self.pipeline = pipeline
        self.area = area
        self.supervisor = supervisor
        self.cancellation = cancellation
        self.reporter = reporter
    }

    /// Runs every step that applies; nothing of the attempt is left when it returns but its artifacts.
    mutating func run() -> Outcome {
        do {
            let directory = try RunDirectory(for: job, in: area)
            defer { directory.remove() }
            try runSteps(in: directory)
            let artifacts = try ArtifactCollector(area: area, jobId: job.jobId)
                .collect(from: directory.output) { reporter.log(lastStep, "jobd", $0) }
            result.set("steps", .array(steps))
            guard let text = result.text else {
                throw JobFailure(
                    .outputLimit, message: "The result is larger than \(Limits.resultBytes) bytes.", step: lastStep)
            }
            return outcome(.completed, result: text, artifacts: artifacts)
        } catch is Cancelled {
            return outcome(.cancelled)
        } catch let failure as Failed {
            return outcome(.failed(failure.failure, mayRetry: failure.mayRetry))
        } catch var failure as JobFailure {
            failure.step = failure.step ?? lastStep
            return outcome(.failed(failure, mayRetry: false))
        } catch {
            let failure = JobFailure(
                .rejected, message: "The job's files could not be used.", step: lastStep, cause: "\(error)")
            return outcome(.failed(failure, mayRetry: true))
        }
    }

    private struct Cancelled: Error {}

    private struct Failed: Error {
        let failure: JobFailure
        let mayRetry: Bool
    }

    private func outcome(
        _ ending: Outcome.Ending, result: JSONText? = nil, artifacts: [Artifact] = []
    ) -> Outcome {
        Outcome(ending, result: result, artifacts: artifacts, lines: reporter.finish(step: lastStep))
    }

    // MARK: Steps

    private mutating func runSteps(in directory: RunDirectory) throws {
        let steps = pipeline.steps.filter { $0.applies(to: job) }
        let total = steps.reduce(0) { $0 + $1.weight }
        var done = 0.0
        for step in steps {
            guard !cancellation.isCancelled else { throw Cancelled() }
            lastStep = step.name
            let share = StepShare(start: done / total * 100, width: step.weight / total * 100)
            reporter.report(progress: share.start, step: step.name, message: step.title)
            let begin = (reporter.now(), ContinuousClock.now)
            switch step.action {
            case .builtIn(let builtIn):
                merge(try builtIn.run(job, step.files(of: job), run: directory, area: area))
            case .command(let template):
                try runCommand(template, of: step, in: directory, share: share)
            }
            done += step.weight
            self.steps.append([
                "name": .string(step.name), "startedAt": .string(begin.0.description),
                "elapsedMs": JSONValue((ContinuousClock.now - begin.1).milliseconds),
            ])
        }
    }

    private mutating func merge(_ object: JSONObject) {
        for member in object.members { result.set(member.key, member.value) }
    }

    private mutating func runCommand(
        _ template: CommandTemplate, of step: Step, in directory: RunDirectory, share: StepShare
    ) throws {
        let inputs = step.files(of: job).compactMap { file in
            job.files.firstIndex(of: file).map { directory.input($0, file) }
        }
        guard ProgramPath.find(template.program).map({ access($0, X_OK) == 0 }) ?? false else {
            throw Failed(
                failure: StepExit.missingProgram(reason: "").failure(step, template, cause: nil), mayRetry: false)
        }
        var limits = step.limits
        if let timeout = pipeline.timeout {
            limits.timeout = min(limits.timeout ?? timeout, max(.zero, started + timeout - .now))
        }
        let process = StepProcess(
            directory: directory.path, workDirectory: directory.work,
            command: template.expanded(inputs: inputs, run: directory, jobId: job.jobId),
            environment: environment(of: step, inputs: inputs, in: directory), limits: limits, supervisor: supervisor)
        var complaints: [String] = []
        let exit = process.run(cancellation) { stream, text in
            take(StepWord(text), from: stream, of: step, share: share)
            if stream == .stderr { complaints = (complaints + [text]).suffix(10) }
        }
        try conclude(exit, step, template, cause: Text.cause(complaints))
    }

    private mutating func take(_ word: StepWord, from stream: StepProcess.Stream, of step: Step, share: StepShare) {
        switch word {
        case .progress(let percent, let message):
            reporter.report(progress: share.progress(at: percent), message: message)
        case .result(let key, let value): result.set(key, value)
        case .warning(let text): reporter.log(step.name, "jobd", text)
        case .line(let text): reporter.log(step.name, stream.rawValue, text)
        }
    }

    private func conclude(_ exit: StepExit, _ step: Step, _ template: CommandTemplate, cause: String?) throws {
        switch exit {
        case .exited(code: 0): return
        case .cancelled(let killed):
            reporter.log(step.name, "jobd", killed ? "killed on request" : "stopped on request")
            throw Cancelled()
        case .missingProgram:
            throw Failed(failure: exit.failure(step, template, cause: nil), mayRetry: false)
        case .exited, .signalled, .timeout, .silence, .outputLimit, .memory, .lost:
            throw Failed(failure: exit.failure(step, template, cause: cause), mayRetry: true)
        }
    }

    private func environment(of step: Step, inputs: [String], in directory: RunDirectory) -> [String: String] {
        [
            "PATH": ProgramPath.standard, "LANG": "C.UTF-8", "HOME": directory.work, "TMPDIR": directory.temporary,
            "JOBD_JOB_ID": job.jobId.description, "JOBD_JOB_TYPE": job.jobType, "JOBD_ATTEMPT": String(job.attempt),
            "JOBD_STEP": step.name, "JOBD_INPUT": inputs.first ?? "", "JOBD_OUTPUT_DIRECTORY": directory.output,
            "JOBD_WORK_DIRECTORY": directory.work,
        ]
    }
}

/// A step's part of the progress bar.
struct StepShare {
    let start: Double
    let width: Double

    /// The bar, to a tenth, when the step itself is at `percent`.
    func progress(at percent: Double) -> Double { ((start + width * percent / 100) * 10).rounded() / 10 }
}
