import Glibc
import JSON
import JobFiles
import JobModel
import JobSystem

/// Which steps run, on which files, and what becomes of them.
extension Run {
    /// What is left of the progress bar is shared by the steps that are left; without a directory they have nothing to do.
    mutating func runSteps(in directory: RunDirectory?) throws {
        var done = 0.0
        for (position, step) in pipeline.steps.enumerated() {
            let inputs = inputs(of: step)
            guard !inputs.isEmpty else { continue }
            let weights = pipeline.steps[(position + 1)...].filter(mayRun).reduce(step.weight) { $0 + $1.weight }
            let share = StepShare(start: done, width: (100 - done) * step.weight / weights)
            try run(step, on: inputs, share: share, in: directory)
            done += share.width
        }
    }

    /// The files of each run of a step: none when it does not run.
    private func inputs(of step: Step) -> [[WorkingFile]] {
        let files = step.condition.files(of: files)
        if step.perFile {
            return files.filter { file in step.condition.isMet { result.value($0, of: file) } }.map { [$0] }
        }
        guard step.condition.mediaTypes.isEmpty || !files.isEmpty else { return [] }
        return step.condition.isMet { result.value($0, of: nil) } ? [files] : []
    }

    /// Whether a later step runs as far as can be seen: what it depends on may not have been found yet.
    private func mayRun(_ step: Step) -> Bool {
        let files = step.condition.files(of: files)
        guard !files.isEmpty || (step.condition.mediaTypes.isEmpty && !step.perFile) else { return false }
        return step.condition.results.allSatisfy { key, value in
            let found = files.compactMap { result.value(key, of: $0) }
            return found.isEmpty || found.contains(value)
        }
    }

    private mutating func run(
        _ step: Step, on inputs: [[WorkingFile]], share: StepShare, in directory: RunDirectory?
    ) throws {
        result.lastStep = step.name
        let (moment, begin) = (reporter.now(), ContinuousClock.now)
        var status = JobStatus.completed
        defer {
            result.steps.append([
                "name": .string(step.name), "status": .string(status.rawValue),
                "startedAt": .string(moment.description),
                "elapsedMs": JSONValue((ContinuousClock.now - begin).milliseconds),
            ])
        }
        guard let directory else {
            work.completedWithoutFiles()
            return announce(step, at: share, as: step.title)
        }
        for (number, files) in inputs.enumerated() {
            let run = StepRun(
                step: step, inputs: files, file: step.perFile ? files.first : nil,
                share: share.part(number, of: inputs.count),
                title: inputs.count > 1 ? "\(step.title) (\(number + 1) of \(inputs.count))" : step.title,
                output: try directory.output(of: step.perFile && job.input.files.count > 1 ? files.first : nil))
            announce(step, at: run.share, as: run.title)
            do {
                guard !cancellation.isCancelled else { throw End.cancelled(nil) }
                try perform(run, in: directory)
                work.completed(run)
            } catch End.cancelled(let failure) {
                status = .cancelled
                throw End.cancelled(failure)
            } catch End.failed(let failure, let mayRetry, let retryAfter) {
                status = .failed
                guard step.isOptional else {
                    throw End.failed(failure, mayRetry: mayRetry, retryAfter: retryAfter)
                }
                work.failed(run, because: failure.message)
                let cause = failure.cause.map { " (\($0.suffix(200)))" } ?? ""
                reporter.log(step.name, "jobd", "warning: \(failure.message) The job goes on without it.\(cause)")
            }
        }
    }

    /// Says that a step begins, unless the job says so since its start.
    private func announce(_ step: Step, at share: StepShare, as title: String) {
        let (progress, shown) = (share.progress(at: 0), job.progress)
        guard (progress, step.name, title) != (shown.percent, shown.step, shown.message) else { return }
        reporter.report(progress: progress, step: step.name, message: title)
    }

    private mutating func perform(_ run: StepRun, in directory: RunDirectory) throws {
        let earlier = Set(run.output.directory.names)
        do {
            switch run.step.action {
            case .builtIn(let builtIn): try self.run(builtIn, run)
            case .command(let template): try self.run(template, of: run, in: directory)
            }
        } catch {
            // What a failed step has left is half made.
            for name in run.output.directory.names where !earlier.contains(name) { run.output.directory.remove(name) }
            throw error
        }
        if let name = run.step.output.nextInput, let file = run.file {
            files[file.index] = try successor(of: file, name, run)
        }
    }

    /// The output that takes a file's place.
    private func successor(of file: WorkingFile, _ name: ArtifactName, _ run: StepRun) throws -> WorkingFile {
        var file = file
        file.path = "\(run.output.path)/\(name)"
        file.directory = run.output.directory
        file.entry = Directory.Name(name.description)
        guard let descriptor = file.open() else {
            throw End.failed(
                JobFailure(
                    .exit, message: Text.limited("\(run.title) did not make \(name). Check the file, then try again."),
                    step: run.step.name, exitCode: 0),
                mayRetry: true)
        }
        defer { close(descriptor) }
        file.mediaType = try area.types.type(of: descriptor)
        return file
    }
}

/// One step at work on its files.
struct StepRun {
    let step: Step
    let inputs: [WorkingFile]
    /// The file that it works on alone; nil when it works on all that it is for.
    let file: WorkingFile?
    let share: StepShare
    /// For people.
    let title: String
    let output: RunDirectory.Output

    /// Whether people have to be told which file this is about.
    var isOneOfSeveral: Bool { !output.prefix.isEmpty }
}

/// A step's part of the progress bar.
struct StepShare {
    let start: Double
    let width: Double

    /// The bar, to a tenth, when the step itself is at `percent`.
    func progress(at percent: Double) -> Double { ((start + width * percent / 100) * 10).rounded() / 10 }

    /// The share of one of several equal parts, from 0.
    func part(_ number: Int, of count: Int) -> StepShare {
        StepShare(start: start + width * Double(number) / Double(count), width: width / Double(count))
    }
}
