import Glibc
import JSON
import JobModel
import JobSystem

/// A step's command: its surroundings, its words, its end.
extension Run {
    mutating func run(_ template: CommandTemplate, of run: StepRun, in directory: RunDirectory) throws {
        let environment = environment(of: run, in: directory)
        let path = environment["PATH"] ?? ""
        if let missing = run.step.programs.first(where: { !ProgramPath.isExecutable($0, in: path) }) {
            let exit = StepExit.missingProgram(reason: ProgramPath.obstacle(to: missing, in: path))
            throw End.failed(exit.failure(run, program: missing, StepRemarks()), mayRetry: false)
        }
        var limits = run.step.limits
        if let whole = wholeLimit {
            limits.timeout = min(limits.timeout ?? whole.span, max(.zero, started + whole.span - .now))
        }
        if let silence = job.asked.terms.timeouts.silence { limits.silence = min(limits.silence ?? silence, silence) }
        let reports = try directory.openReports()
        let values = CommandTemplate.Values(
            inputs: run.inputs, job: job, workDirectory: directory.work, outputDirectory: run.output.path)
        let order = StepOrder(
            workDirectory: directory.work, command: try expanded(template, values, run), environment: environment,
            room: sandbox.room(for: run.step.room, in: directory), limits: limits)
        let process = StepProcess(
            order: order, directory: directory.root, lock: directory.lock,
            forkServer: sandbox.forkServer(for: run.step.room),
            reports: reports.descriptor, onDelay: onDelay)
        let begin = ContinuousClock.now
        var remarks = StepRemarks()
        var facts = FactFinder(run.step.output.facts)
        let exit = process.run(cancellation) { stream, text in
            let word = stream == .reports || run.step.output.printsWords ? StepWord(text) : .line(text)
            if case .line = word { remarks.note(text, from: stream) }
            take(word, from: stream, of: run, &remarks, &facts)
        }
        let corrected = remarks.corrected(exit, of: run.step)
        remarks.limit = brokenLimit(corrected, limits, of: run.step, after: .now - begin)
        try conclude(corrected, run, template, remarks)
    }

    private func expanded(
        _ template: CommandTemplate, _ values: CommandTemplate.Values, _ run: StepRun
    ) throws(End) -> [String] {
        do {
            return try template.expanded(with: values)
        } catch {
            let message = "\(run.step.title) did not run: \(error). Choose another name or value, or tell the operator."
            throw End.failed(
                JobFailure(.rejected, message: Text.limited(message), step: run.step.name), mayRetry: false)
        }
    }

    private mutating func take(
        _ word: StepWord, from stream: StepProcess.Stream, of run: StepRun, _ remarks: inout StepRemarks,
        _ facts: inout FactFinder
    ) {
        func say(_ text: String) { reporter.log(run.step.name, "jobd", text) }
        switch word {
        case .progress(let percent, let message):
            reporter.report(progress: run.share.progress(at: percent), message: message)
        case .result(let key, let value): find(key, value, in: run)
        case .artifact(let name, let mediaType):
            guard let name = ArtifactName(run.output.prefix + name.description),
                result.mediaTypes[name] != nil || result.mediaTypes.count < Limits.artifacts
            else { return }
            result.mediaTypes[name] = mediaType
        case .warning(let text): say("warning: \(text)")
        case .error(let sentence):
            remarks.sentence = sentence
            say("error: \(sentence)")
        case .retryAfter(let wait): remarks.retryAfter = wait
        case .misread(let text, let usage): say("warning: not understood: \(text) (write \(usage))")
        case .line(let text): take(line: text, from: stream, of: run, &facts)
        }
    }

    private mutating func take(
        line text: String, from stream: StepProcess.Stream, of run: StepRun, _ facts: inout FactFinder
    ) {
        // What a step writes to the pipe and is not a word, it could have printed.
        reporter.log(run.step.name, stream == .stderr ? "stderr" : "stdout", text)
        guard stream == .stdout else { return }
        for (key, value) in facts.results(in: text) { find(key, value, in: run) }
    }

    private mutating func find(_ key: String, _ value: JSONValue, in run: StepRun) {
        if let file = run.file { result.set(key, value, of: file) } else { result.set(key, value) }
    }

    /// Which limit of time ended the command, where one did.
    private func brokenLimit(
        _ exit: StepExit, _ limits: StepLimits, of step: Step, after elapsed: Duration
    ) -> String? {
        switch exit {
        case .timeout:
            guard let timeout = limits.timeout, elapsed >= timeout else {
                return limits.cpu.map { "running: the step's cpuTime of \($0)" }
            }
            return timeout == step.limits.timeout
                ? "running: the step's timeout of \(timeout)"
                : wholeLimit?.name
        case .silence:
            return limits.silence.map { silence in
                silence == step.limits.silence
                    ? "silence: the step's silence of \(silence)" : "silence: timeouts.silence of \(Span.text(silence))"
            }
        case .exited, .signalled, .outputLimit, .memory, .processLimit, .descriptorLimit, .missingProgram, .cancelled,
            .notStarted, .shortage, .noRoom, .lost:
            return nil
        }
    }

    private func conclude(
        _ exit: StepExit, _ run: StepRun, _ template: CommandTemplate, _ remarks: StepRemarks
    ) throws {
        if case .exited(let code) = exit, run.step.exits.allowed.contains(code) { return }
        let failure = exit.failure(run, program: template.program, remarks)
        switch exit {
        case .cancelled(let killed):
            reporter.log(run.step.name, "jobd", killed ? "killed on request" : "stopped on request")
            throw End.cancelled(failure)
        case .missingProgram: throw End.failed(failure, mayRetry: false)
        case .exited(let code):
            throw End.failed(
                failure, mayRetry: !run.step.exits.permanent.contains(code), retryAfter: remarks.retryAfter)
        case .shortage(let reason):
            sandbox.look()
            throw End.shortage(reason)
        case .noRoom(let reason), .notStarted(let reason):
            // What keeps rooms of all steps from being made is not the job's fault.
            sandbox.look()
            if sandbox.isBroken { throw End.shortage(reason) }
            throw End.failed(failure, mayRetry: true)
        case .signalled, .timeout, .silence, .outputLimit, .memory, .processLimit, .descriptorLimit, .lost:
            throw End.failed(failure, mayRetry: true, retryAfter: remarks.retryAfter)
        }
    }

    private func environment(of run: StepRun, in directory: RunDirectory) -> [String: String] {
        let input = run.inputs.first
        var own = [
            "PATH": ProgramPath.standard, "LANG": "C.UTF-8", "HOME": directory.work, "TMPDIR": directory.temporary,
            "JOBD_JOB_ID": job.jobId.description, "JOBD_JOB_TYPE": job.asked.jobType,
            "JOBD_ATTEMPT": String(job.runs.attempt),
            "JOBD_STEP": run.step.name, "JOBD_INPUT": input?.path ?? "",
            "JOBD_INPUTS": run.inputs.map(\.path).joined(separator: "\n"), "JOBD_FILE_NAME": input?.name ?? "",
            "JOBD_MEDIA_TYPE": input?.mediaType ?? "", "JOBD_METADATA": directory.metadata,
            "JOBD_OUTPUT_DIRECTORY": run.output.path, "JOBD_WORK_DIRECTORY": directory.work,
            "JOBD_REPORTS": "\(directory.path)/reports",
        ]
        if let traceParent = job.input.traceParent { own["TRACEPARENT"] = traceParent.description }
        return own.merging(run.step.environment) { _, given in given }
    }
}
