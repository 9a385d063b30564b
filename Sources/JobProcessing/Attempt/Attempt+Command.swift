import Glibc
import JobModel
import JobSystem

/// A step's command: its surroundings, its words, its end.
extension Attempt {
    /// How many of a failed command's last lines on its standard error are the cause of its failure.
    private static var complaintCount: Int { 10 }

    mutating func run(_ template: CommandTemplate, of run: StepRun, in directory: RunDirectory) throws {
        let environment = environment(of: run, in: directory)
        let isThere = { ProgramPath.isExecutable($0, in: environment["PATH"] ?? "") }
        if let missing = run.step.programs.first(where: { !isThere($0) }) {
            throw End.failed(
                StepExit.missingProgram(reason: "").failure(run, program: missing, cause: nil), mayRetry: false)
        }
        var limits = run.step.limits
        if let timeout = pipeline.timeout {
            limits.timeout = min(limits.timeout ?? timeout, max(.zero, started + timeout - .now))
        }
        let reports = try directory.openReports()
        defer { close(reports) }
        let values = CommandTemplate.Values(
            inputs: run.inputs, job: job, workDirectory: directory.work, outputDirectory: run.output.directory)
        let order = StepOrder(
            directory: directory.path, workDirectory: directory.work, command: template.expanded(with: values),
            environment: environment, limits: limits)
        let process = StepProcess(order: order, forkServer: forkServer, reports: reports)
        var complaints: [String] = []
        let exit = process.run(cancellation) { stream, text in
            take(StepWord(text), from: stream, of: run)
            guard stream == .stderr else { return }
            if complaints.count == Self.complaintCount { complaints.removeFirst() }
            complaints.append(text)
        }
        try conclude(exit, run, template, cause: Text.cause(complaints))
    }

    private mutating func take(_ word: StepWord, from stream: StepProcess.Stream, of run: StepRun) {
        switch word {
        case .progress(let percent, let message):
            reporter.report(progress: run.share.progress(at: percent), message: message)
        case .result(let key, let value): find(key, value, in: run)
        case .artifact(let name, let mediaType):
            if let name = ArtifactName(run.output.prefix + name.description) { mediaTypes[name] = mediaType }
        case .warning(let text): reporter.log(run.step.name, "jobd", "warning: \(text)")
        case .line(let text):
            reporter.log(run.step.name, stream.rawValue, text)
            if stream == .stdout, let (label, value) = StepWord.fact(text) {
                for key in run.step.facts.keys where run.step.facts[key] == label { find(key, value, in: run) }
            }
        }
    }

    private mutating func find(_ key: String, _ value: JSONValue, in run: StepRun) {
        if let file = run.file { result.set(key, value, of: file) } else { result.set(key, value) }
    }

    private func conclude(_ exit: StepExit, _ run: StepRun, _ template: CommandTemplate, cause: String?) throws {
        switch exit {
        case .exited(let code) where run.step.allowedExit.contains(code): return
        case .cancelled(let killed):
            reporter.log(run.step.name, "jobd", killed ? "killed on request" : "stopped on request")
            throw End.cancelled(exit.failure(run, program: template.program, cause: nil))
        case .missingProgram:
            throw End.failed(exit.failure(run, program: template.program, cause: nil), mayRetry: false)
        case .exited(let code):
            throw End.failed(
                exit.failure(run, program: template.program, cause: cause),
                mayRetry: !run.step.permanentExit.contains(code))
        case .signalled, .timeout, .silence, .outputLimit, .memory, .notStarted, .lost:
            throw End.failed(exit.failure(run, program: template.program, cause: cause), mayRetry: true)
        }
    }

    private func environment(of run: StepRun, in directory: RunDirectory) -> [String: String] {
        let input = run.inputs.first
        var own = [
            "PATH": ProgramPath.standard, "LANG": "C.UTF-8", "HOME": directory.work, "TMPDIR": directory.temporary,
            "JOBD_JOB_ID": job.jobId.description, "JOBD_JOB_TYPE": job.jobType, "JOBD_ATTEMPT": String(job.attempt),
            "JOBD_STEP": run.step.name, "JOBD_INPUT": input?.path ?? "",
            "JOBD_INPUTS": run.inputs.map(\.path).joined(separator: "\n"), "JOBD_FILE_NAME": input?.name ?? "",
            "JOBD_MEDIA_TYPE": input?.mediaType ?? "", "JOBD_METADATA": directory.metadata,
            "JOBD_OUTPUT_DIRECTORY": run.output.directory, "JOBD_WORK_DIRECTORY": directory.work,
            "JOBD_REPORTS": directory.reports,
        ]
        if let traceParent = job.traceParent { own["TRACEPARENT"] = traceParent.description }
        return own.merging(run.step.environment) { _, given in given }
    }
}
