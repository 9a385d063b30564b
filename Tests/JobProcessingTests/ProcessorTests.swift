import FoundationEssentials
import JobFiles
import JobModel
import JobTesting
import Logging
import Testing

@testable import JobProcessing

/// Whole attempts, from a job to its outcome.
@Suite(.timeLimit(.minutes(1)))
struct ProcessorTests {
    let directory = TemporaryDirectory()
    let area: FilesArea

    init() throws {
        area = try FilesArea(directory: directory.path)
    }

    @Test func stepsRunInOrderAndProgressFollowsTheirWeights() async throws {
        let pipeline = Pipeline(steps: [
            step("one", "echo ::progress 50 half", weight: 1), step("two", "echo ::result n=7", weight: 3),
        ])
        let (outcome, reports) = try await run(pipeline)
        #expect(outcome.ending == .completed)
        let progress = reports.compactMap(\.progress)
        #expect(progress.first == 0 && progress == progress.sorted())
        #expect(Set(progress).isSubset(of: [0, 12.5, 25]))
        let result = try #require(outcome.result?.value)
        #expect(result["n"] == 7)
        #expect(result["steps"]?.array?.compactMap { $0["name"]?.string } == ["one", "two"])
    }

    @Test func theFirstFailureEndsTheAttempt() async throws {
        let pipeline = Pipeline(steps: [
            step("one", "true"), step("two", "echo because >&2; exit 9"), step("three", "true"),
        ])
        let (outcome, _) = try await run(pipeline)
        guard case .failed(let failure, let mayRetry) = outcome.ending else {
            Issue.record("it has not failed")
            return
        }
        #expect(mayRetry)
        #expect((failure.code, failure.step, failure.exitCode, failure.cause) == ("exit", "two", 9, "because"))
    }

    @Test(arguments: [
        ("exit 3", "exit"), ("kill -ABRT $$", "signal"), ("exec sleep 1000", "timeout"),
        ("echo ::result x=\"$(head -c 6000 /dev/zero | tr '\\0' 1)\"", nil as String?),
    ])
    func howAStepEndsBecomesTheError(script: String, code: String?) async throws {
        var step = step("s", script)
        step.limits = StepLimits(timeout: .milliseconds(500), grace: .milliseconds(200))
        let (outcome, _) = try await run(Pipeline(steps: [step]))
        switch outcome.ending {
        case .failed(let failure, _): #expect(failure.code == code)
        case .completed, .cancelled: #expect(code == nil)
        }
    }

    @Test func filesOfTheOutputFolderBecomeArtifacts() async throws {
        let script = """
            cd "$JOBD_OUTPUT_DIRECTORY"; echo text >text.txt; echo bad >'bad name'; mkdir folder; ln -s /etc/passwd link
            ln text.txt other.txt; mkfifo pipe; : >empty
            """
        let (outcome, reports) = try await run(Pipeline(steps: [step("s", script)]))
        #expect(outcome.artifacts.map(\.name.description) == ["empty"])
        let refusals = (reports.flatMap(\.lines) + outcome.lines).map(\.text)
        #expect(refusals.count == 6, "\(refusals)")
    }

    @Test func aPDFBecomesText() async throws {
        let pipeline = Pipeline(steps: [
            Step(name: "inspect", action: .builtIn(.inspect)),
            Step(
                name: "text",
                action: .command(try CommandTemplate(["pdftotext", "-enc", "UTF-8", "{input}", "{output:text.txt}"])),
                mediaTypes: ["application/pdf"]),
            Step(name: "statistics", action: .builtIn(.textStatistics)),
        ])
        let (outcome, _) = try await run(pipeline, files: [try contract()])
        #expect(outcome.ending == .completed)
        #expect(outcome.artifacts.map(\.mediaType) == ["text/plain"])
        #expect(outcome.result?.value["pages"] == 10)
        #expect(outcome.result?.value["files"]?.array?.first?["mediaType"] == "application/pdf")
    }

    @Test func aStepIsLeftOutWhenNoFileIsForIt() async throws {
        var step = step("s", "exit 1")
        step.mediaTypes = ["image/*"]
        let (outcome, _) = try await run(Pipeline(steps: [step]), files: [try contract()])
        #expect(outcome.ending == .completed)
    }

    @Test func nothingOfARunStays() async throws {
        _ = try await run(Pipeline(steps: [step("s", "echo left >left; mkdir -p a/b; chmod 0 a")]))
        #expect(area.runPaths() == [])
    }

    @Test func aPipelineWithoutStepsCompletesAtOnce() async throws {
        let (outcome, _) = try await run(Pipeline(steps: []))
        #expect(outcome.ending == .completed)
        #expect(outcome.result?.value == ["steps": []])
    }

    @Test func whatADeadDaemonLeftIsGoneBeforeTheNextAttempt() async throws {
        let old = area.runPath(of: .named("old"))
        try FileManager.default.createDirectory(atPath: "\(old)/work", withIntermediateDirectories: true)
        let (outcome, reports) = try await run(Pipeline(steps: [step("s", "ls ../..")]), cleaning: true)
        #expect((reports.flatMap(\.lines) + outcome.lines).map(\.text) == ["sample"])
        #expect(!FileManager.default.fileExists(atPath: old))
    }

    // MARK: Parts

    private func step(_ name: String, _ script: String, weight: Double = 1) -> Step {
        guard let template = try? CommandTemplate(["sh", "-c", script]) else { preconditionFailure(script) }
        return Step(name: name, action: .command(template), weight: weight)
    }

    private func contract() throws -> JobFile {
        let path =
            #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Fixtures/pdf/contract.pdf"
        let bytes = try Data(contentsOf: URL(filePath: path))
        var arrival = try Arrival(.named("file_contract"), in: area)
        try bytes.withUnsafeBytes { try arrival.append($0) }
        return try arrival.commit(name: "contract.pdf")
    }

    /// Runs one attempt, and returns its outcome and what was reported before.
    private func run(
        _ pipeline: Pipeline, files: [JobFile] = [], cleaning: Bool = false
    ) async throws -> (Outcome, [Report]) {
        let (commands, continuation) = AsyncStream.makeStream(of: Command.self)
        let processor = Processor(
            pipelines: ["file_processing": pipeline], area: area, supervisor: BuiltPrograms.jobd,
            now: { Timestamp(milliseconds: 0) }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        if cleaning { processor.cleanUp() }
        processor.connect { continuation.yield($0) }
        processor.run(.sample(status: .processing, attempt: 1, files: files))
        var reports: [Report] = []
        for await command in commands {
            switch command {
            case .report(_, _, let report): reports.append(report)
            case .finish(_, _, let outcome): return (outcome, reports)
            default: break
            }
        }
        throw CancellationError()
    }
}
