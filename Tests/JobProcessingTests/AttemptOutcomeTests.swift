import JSON
import JobFiles
import JobModel
import JobTesting
import Testing

@testable import JobProcessing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct AttemptOutcomeTests {
    private static let forever = "echo ready; exec tail -f /dev/null"

    @Test func anAttemptWhoseStepsSucceedCompletes() async throws {
        let bench = try ProcessorBench([.script("exit 0", name: "one"), .script("exit 0", name: "two")])
        let ended = await bench.run()
        #expect(ended.outcome?.ending == .completed)
        #expect(ended.result?["steps"]?.array?.map { $0["name"] } == ["one", "two"])
        #expect(ended.result?["steps"]?.array?.first?["startedAt"] == .string(ProcessorBench.now.description))
        #expect(bench.area.runPaths() == [])
    }

    @Test func theFirstStepThatFailsEndsTheAttempt() async throws {
        let bench = try ProcessorBench([
            .script("for n in $(seq 1 30); do echo line $n >&2; done; exit 77", name: "check-it"),
            .script("echo never", name: "never"),
        ])
        let ended = await bench.run()
        #expect(ended.failure?.code == "exit")
        #expect(ended.failure?.exitCode == 77)
        #expect(ended.failure?.step == "check-it")
        #expect(
            ended.failure?.message
                == "Check it did not work (exit code 77). Check the file, then try again. If it happens again, tell the operator of "
                + "this service.")
        #expect(ended.failure?.cause == (21...30).map { "line \($0)" }.joined(separator: "\n"))
        #expect(ended.mayRetry == true)
        #expect(!ended.texts("stdout").contains("never"))
        #expect(bench.area.runPaths() == [])
    }

    @Test(arguments: [(true, "reading"), (false, "reading\n::error It is locked.")])
    func theCauseOfAFailureHasNoWords(printsWords: Bool, cause: String) async throws {
        let script = "echo reading; echo '::error It is locked.'; exit 1"
        let ended = try await ProcessorBench([.script(script, printsWords: printsWords)]).run()
        #expect(ended.failure?.cause == cause)
        #expect(ended.failure?.message.hasPrefix("It is locked.") == printsWords)
    }

    @Test func theCauseOfAFailureIsBounded() async throws {
        let bench = try ProcessorBench([
            .script(
                "for n in 1 2 3 4 5 6 7 8 9 10; do head -c 8000 /dev/zero | tr '\\0' '\\377'; echo; done >&2; exit 1")
        ])
        let cause = try #require(await bench.run().failure?.cause)
        #expect((1...16 * 1024).contains(cause.utf8.count))
    }

    @Test(arguments: [
        ("kill -SEGV $$", StepLimits(), "signal", "Try it crashed (SIGSEGV)."),
        (
            forever, StepLimits(timeout: .milliseconds(100)), "timeout",
            "Try it took longer than it may, and was stopped."
        ),
        (
            forever, StepLimits(silence: .milliseconds(100)), "silence",
            "Try it gave no sign for longer than it may, and was stopped."
        ),
        ("yes", StepLimits(printedBytes: 10_000), "output-limit", "Try it wrote more than it may, and was stopped."),
        (
            "exec perl -e 'push @list, q(x) x 100_000 while 1'", StepLimits(memoryBytes: 256 << 20), "memory",
            "Try it needed more memory than it may have (memoryBytes = 268435456)."
        ),
        (
            "kill -KILL $PPID; exec tail -f /dev/null", StepLimits(), "lost",
            "Try it was ended by something outside of this service."
        ),
    ])
    func aFailureSaysWhatHappened(script: String, limits: StepLimits, code: String, message: String) async throws {
        let ended = try await ProcessorBench([.script(script, limits: limits)]).run()
        #expect(ended.failure?.code == code)
        #expect(ended.failure?.message.hasPrefix(message) == true)
        #expect(ended.failure?.signal == (code == "signal" ? "SIGSEGV" : nil))
        #expect(ended.mayRetry == true)
    }

    @Test(arguments: [
        (StepLimits(timeout: .milliseconds(200)), 600, "running: the step's timeout of 0.2 seconds"),
        (StepLimits(silence: .milliseconds(200)), 600, "silence: the step's silence of 0.2 seconds"),
        (StepLimits(), 3, "running: the pipeline's timeout of 3.0 seconds"),
    ])
    func theCauseNamesTheLimitOfTime(limits: StepLimits, seconds: Int, cause: String) async throws {
        let script = "exec tail -f /dev/null"
        let ended = try await ProcessorBench([.script(script, limits: limits)], timeout: .seconds(seconds)).run()
        #expect(ended.failure?.cause == cause)
    }

    @Test func theCauseNamesTheTimeOnAProcessor() async throws {
        let script = "while :; do :; done"
        let ended = try await ProcessorBench([.script(script, limits: StepLimits(cpu: .seconds(1)))]).run()
        #expect(ended.failure?.cause == "running: the step's cpuTime of 1.0 seconds")
    }

    /// A runtime that gets no memory ends by itself; only its words tell why.
    @Test(arguments: [
        "echo 'Could not reserve enough space for object heap'; exit 1",
        "echo \"terminate called after throwing an instance of 'std::bad_alloc'\" >&2; kill -ABRT $$",
        "echo 'RangeError: WebAssembly.Memory(): could not allocate memory' >&2; exit 7",
    ])
    func aRefusedRequestForMemoryIsToldAsSuch(script: String) async throws {
        let limited = try await ProcessorBench([.script(script)]).run()
        #expect(limited.failure?.code == "memory")
        #expect(limited.failure?.message.contains("memoryBytes = 2147483648") == true)
        #expect(limited.failure?.cause?.isEmpty == false)
        let unlimited = try await ProcessorBench([.script(script, limits: StepLimits(memoryBytes: nil))]).run()
        #expect(["exit", "signal"].contains(unlimited.failure?.code))
    }

    @Test(arguments: [
        ("ulimit -S -t 1; sh -c 'while :; do :; done'; exit $?", "timeout"), ("exit 153", "output-limit"),
    ])
    func aShellHandsOnWhatEndedItsCommand(script: String, code: String) async throws {
        #expect(try await ProcessorBench([.script(script)]).run().failure?.code == code)
    }

    @Test func aStepThatFailsIsTheOneThatTheJobCameTo() async throws {
        let bench = try ProcessorBench([
            .script("exit 0", name: "one"),
            .script("echo ::progress 50 almost there >$JOBD_REPORTS; exit 1", name: "two"),
        ])
        let ended = await bench.run()
        #expect(ended.reports.compactMap(\.step).last == "two")
        #expect(ended.reports.compactMap(\.message).last == "almost there")
        #expect(ended.reports.compactMap(\.progress).last == 75)
    }

    @Test(arguments: ["no-such-program", "/nonexistent/program", "/tmp"])
    func aMissingProgramIsNotTriedAgain(program: String) async throws {
        let step = Step(name: "run", action: .command(try CommandTemplate([program])))
        let ended = try await ProcessorBench([step]).run()
        #expect(ended.failure?.code == "missing-program")
        #expect(
            ended.failure?.message
                == "Run did not run: \(program) is not installed, or cannot be executed. Tell the operator of this service."
        )
        #expect(ended.failure?.cause?.contains(program) == true)
        #expect(ended.mayRetry == false)
    }

    @Test func theTimeOfAPipelineIsThatOfAllItsSteps() async throws {
        let steps: [Step] = [try .script("exit 0"), try .script(Self.forever, name: "long")]
        let ended = try await ProcessorBench(steps, timeout: .seconds(1)).run()
        #expect(ended.failure?.code == "timeout")
    }

    @Test func aCancelledAttemptSaysSo() async throws {
        let bench = try ProcessorBench([.script(Self.forever), .script("echo never")])
        let ended = await bench.run { report in
            // Another attempt is another matter.
            bench.processor.cancel(.sample, run: 2)
            if report.lines.contains(where: { $0.text == "ready" }) { bench.processor.cancel(.sample, run: 1) }
        }
        #expect(ended.failure?.signal == "SIGTERM")
        #expect(ended.failure?.message == "Try it was stopped on request.")
        #expect(ended.texts("jobd") == ["stopped on request"])
        #expect(bench.area.runPaths() == [])
    }

    @Test func aStoppingProcessorReleasesWhatRuns() async throws {
        let bench = try ProcessorBench([.script(Self.forever)])
        async let stopped: Void = bench.processor.stop()
        await stopped
        #expect(await bench.run().outcome == nil)
        #expect(bench.area.runPaths() == [])
    }

    @Test func aRunThatIsReleasedKeepsItsLastLines() async throws {
        let script = "trap 'seq 30; exit 1' TERM; echo ready; tail -f /dev/null & while :; do wait; done"
        let bench = try ProcessorBench([.script(script)])
        let (ready, isReady) = AsyncStream.makeStream(of: Never.self)
        async let ended = bench.run { if $0.lines.contains(where: { $0.text == "ready" }) { isReady.finish() } }
        for await _ in ready {}
        await bench.processor.stop()
        #expect(await ended.outcome == nil)
        #expect(await ended.texts("stdout") == ["ready"] + (1...30).map(String.init))
    }

    @Test func aFileForWhichThereIsNoStepIsToldOf() async throws {
        let bench = try ProcessorBench([
            Step(name: "inspect", action: .builtIn(.inspect)),
            .script("exit 0", name: "read", when: StepCondition(mediaTypes: ["application/pdf"]), perFile: true),
        ])
        let file = try bench.store(Array("only words\n".utf8), name: "a.txt")
        let ended = await bench.run([file])
        let notice = "Nothing was done with a.txt. No step of this pipeline is for such a file (text/plain)."
        #expect(ended.outcome?.ending == .completed)
        #expect(ended.outcome?.message == notice)
        #expect(ended.result?["files"]?.array?.first?["notice"] == .string(notice))
        #expect(ended.texts("jobd") == ["warning: \(notice)"])
        let pdf = try bench.store(Array("%PDF-1.4\n".utf8), name: "b.pdf")
        #expect(await bench.run([pdf]).outcome?.message == nil)
        let both = await bench.run([file, pdf])
        #expect(both.outcome?.message == notice)
        #expect(both.result?["files"]?.array?.map { $0["notice"] != nil } == [true, false])
    }

    @Test func aStepThatMayFailAndDoesSaysWhyNothingWasDone() async throws {
        var convert = try Step.script("exit 4", name: "convert", perFile: true)
        convert.isOptional = true
        convert.exits.messages = [4: "It could not be converted."]
        let bench = try ProcessorBench([convert])
        let ended = await bench.run([try bench.store(Array("x".utf8), name: "a.txt")])
        #expect(ended.outcome?.message == "Nothing was done with a.txt. It could not be converted.")
        #expect(ended.texts("jobd").count == 1)
    }

    @Test func aPipelineThatOnlyLooksHasDoneItsWork() async throws {
        let bench = try ProcessorBench([Step(name: "inspect", action: .builtIn(.inspect))])
        #expect(await bench.run([try bench.store(Array("x".utf8), name: "a.txt")]).outcome?.message == nil)
    }

    @Test func aJobWithoutStepsCompletesAtOnce() async throws {
        #expect(try await ProcessorBench([]).run().result == ["steps": []])
    }

    @Test func aTypeWithoutAPipelineIsRejected() async throws {
        let bench = try ProcessorBench([])
        bench.processor.setPipelines([:])
        let ended = await bench.run()
        #expect(ended.failure?.code == "rejected")
        #expect(ended.mayRetry == false)
    }
}
