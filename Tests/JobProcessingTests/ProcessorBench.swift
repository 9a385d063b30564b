import Glibc
import JSON
import JobFiles
import JobModel
import JobProcessing
import JobTesting
import Logging

/// A processor over a real storage directory, with the real supervisor.
struct ProcessorBench: Sendable {
    struct Ended: Sendable {
        /// Nil when the attempt was released.
        let outcome: RunOutcome?
        let reports: [Report]

        var result: JSONValue? { outcome?.result?.value }

        var failure: JobFailure? {
            switch outcome?.ending {
            case .failed(let failure, _): failure
            case .cancelled(let failure): failure
            case .completed, nil: nil
            }
        }

        var mayRetry: Bool? {
            if case .failed(_, let mayRetry) = outcome?.ending { mayRetry } else { nil }
        }

        /// Every line of the log.
        var lines: [LogLine] { reports.flatMap(\.lines) + (outcome?.lines ?? []) }

        func texts(_ stream: String) -> [String] { lines.filter { $0.stream == stream }.map(\.text) }
    }

    static let now = Timestamp(milliseconds: 1_795_435_200_000)

    private let temporary = TemporaryDirectory()
    let area: FilesArea
    let processor: Processor
    let sandbox: Sandbox
    private let commands: AsyncStream<Command>

    init(_ steps: [Step], timeout: Duration? = nil, inRooms: Sandbox.Steps = .off) throws {
        area = try FilesArea(directory: temporary.appending("storage"), types: .built)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        sandbox = Sandbox(
            inRooms, in: area, hiding: ["\(area.directory)/files"], covering: [area.directory],
            executable: BuiltPrograms.jobd, logger: logger)
        processor = Processor(
            pipelines: [JobMap.defaultJobType: Pipeline(steps: steps, timeout: timeout)], area: area, sandbox: sandbox,
            now: { Self.now }, logger: logger)
        let (stream, continuation) = AsyncStream.makeStream(of: Command.self)
        commands = stream
        processor.connect { continuation.yield($0) }
    }

    /// Runs a job of these files to its end, which begins with `opening`; `onReport` hears each report as it comes.
    func run(
        _ files: [JobFile] = [], jobId: JobID = .sample, attempt: Int = 1, metadata: JSONValue = [:],
        opening: Report? = nil, onReport: (Report) -> Void = { _ in }
    ) async -> Ended {
        var job = Job.sample(
            jobId: jobId, status: .processing, attempt: attempt, runner: .jobd, files: files, metadata: metadata)
        (job.progress.step, job.progress.message) = (opening?.step, opening?.message)
        processor.run(job)
        let run = Int64(attempt)
        var reports: [Report] = []
        for await command in commands {
            switch command {
            case .report(jobId, run, let report):
                reports.append(report)
                onReport(report)
            case .finish(jobId, run, let outcome): return Ended(outcome: outcome, reports: reports)
            case .release(jobId, run, _): return Ended(outcome: nil, reports: reports)
            default: continue
            }
        }
        return Ended(outcome: nil, reports: reports)
    }

    /// Stores an upload.
    func store(_ bytes: [UInt8], name: String) throws -> JobFile {
        let id = FileID.named("file_\(FileOnDisk.all(below: area.directory).count)")
        let door = UploadIntake(area, maximumBytes: .max, minimumFreeBytes: 0)
        var upload = try Upload(id, .init(name: name), through: door)
        let result = bytes.withUnsafeBytes { (bytes) -> Result<Void, UploadError> in
            do throws(UploadError) { return .success(try upload.append(bytes)) } catch { return .failure(error) }
        }
        try result.get()
        let arrived = try upload.commit()
        _ = try area.adopt(arrived.file)
        return arrived.file
    }

    /// A path for pipes, outside the storage.
    func path(_ name: String) -> String { temporary.appending(name) }
}

extension Step {
    /// A step that runs a script, with the words behind it as `$1` and so on.
    static func script(
        _ script: String, _ words: [String] = [], name: String = "try-it",
        when condition: StepCondition = StepCondition(),
        perFile: Bool = false, weight: Double = 1, printsWords: Bool = false, limits: StepLimits = StepLimits()
    ) throws -> Step {
        let template = try CommandTemplate(["sh", "-c", script, "sh"] + words)
        return Step(
            name: name, action: .command(template), condition: condition, perFile: perFile, weight: weight,
            limits: limits, output: StepOutput(printsWords: printsWords))
    }
}
