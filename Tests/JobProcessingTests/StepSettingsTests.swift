import Glibc
import JSON
import JobModel
import JobTesting
import Testing

@testable import JobProcessing

/// What a step's settings change in how its end and its words are taken.
@Suite(.timeLimit(.minutes(5)))
struct StepSettingsTests {
    @Test func anOptionalStepThatFailsLeavesAWarningAndNothingElse() async throws {
        var step = try Step.script("echo half > \"$1\"; echo broken >&2; exit 3", ["{output:a.txt}"], name: "may-fail")
        step.isOptional = true
        let ended = await (try ProcessorBench([step, .script("echo next")])).run()
        #expect(ended.outcome?.ending == .completed)
        #expect(ended.outcome?.artifacts == [])
        #expect(
            ended.texts("jobd") == [
                "warning: May fail did not work (exit code 3). Check the file, then try again. If it happens again, tell the "
                    + "operator of this service. The job goes on without it. (broken)"
            ])
        #expect(ended.texts("stdout") == ["next"])
        #expect(ended.result?["steps"]?.array?.map { $0["status"] } == ["failed", "completed"])
    }

    @Test func anOptionalProgramMayBeMissing() async throws {
        var step = try Step.script("exit 0", name: "convert")
        step.needs = ["sh", "no-such-program"]
        let required = await (try ProcessorBench([step])).run()
        #expect(required.failure?.code == "missing-program")
        #expect(
            required.failure?.message
                == "Convert did not run: no-such-program is not installed, or cannot be executed. Tell the operator of this service."
        )
        step.isOptional = true
        let ended = await (try ProcessorBench([step])).run()
        #expect(ended.outcome?.ending == .completed)
        #expect(ended.texts("jobd").first?.contains("no-such-program is not installed") == true)
    }

    @Test func anOptionalStepCanBeCancelled() async throws {
        var step = try Step.script("echo ready; exec tail -f /dev/null")
        step.isOptional = true
        let bench = try ProcessorBench([step])
        let ended = await bench.run { report in
            if report.lines.contains(where: { $0.text == "ready" }) { bench.processor.cancel(.sample, run: 1) }
        }
        #expect(ended.outcome?.ending == .cancelled(ended.failure))
        #expect(ended.failure?.signal == "SIGTERM")
    }

    @Test(arguments: [(0, true, nil), (3, true, nil), (4, false, true), (65, false, false)] as [(Int, Bool, Bool?)])
    func exitCodesMeanWhatTheStepSays(code: Int, isCompleted: Bool, mayRetry: Bool?) async throws {
        var step = try Step.script("exit \(code)")
        step.exits.allowed = [0, 3]
        step.exits.permanent = [65]
        let ended = await (try ProcessorBench([step])).run()
        #expect((ended.outcome?.ending == .completed) == isCompleted)
        #expect(ended.mayRetry == mayRetry)
    }

    @Test func printedFactsBecomeResults() async throws {
        var step = try Step.script(
            "echo 'Pages:          10'; echo 'Page size: 595 x 842 pts (A4)'; echo 'Encrypted: no'; echo 'Title:';"
                + " echo 'Other: 1'; echo 'Pages: 99' >&2; echo 'Time: 12:30: x'")
        step.output.facts = [
            "pages": Fact("Pages", .number), "pageSize": Fact("Page size"), "encrypted": Fact("Encrypted", .boolean),
            "title": Fact("Title"), "t": Fact("Time"),
        ]
        let ended = await (try ProcessorBench([step])).run()
        #expect(ended.result?["pages"] == 10)
        #expect(ended.result?["pageSize"] == "595 x 842 pts (A4)")
        #expect(ended.result?["encrypted"] == false)
        #expect(ended.result?["title"] == "")
        #expect(ended.result?["t"] == "12:30: x")
        #expect(ended.result?["Other"] == nil)
        #expect(ended.texts("stdout").count == 6)
    }

    /// What a file says of itself cannot stand in for what was measured, whichever of the two is printed first.
    @Test func aFactIsTheFirstOrTheLastOfItsLines() async throws {
        var step = try Step.script(#"printf 'width: 64\nTitle: a\nPages: 4242\nwidth: 31337\nTitle: b\nPages: 1\n'"#)
        step.output.facts = [
            "width": Fact("width", .number), "title": Fact("Title"), "pages": Fact("Pages", .number, isLast: true),
        ]
        let ended = await (try ProcessorBench([step])).run()
        #expect(ended.result?["width"] == 64)
        #expect(ended.result?["title"] == "a")
        #expect(ended.result?["pages"] == 1)
    }

    @Test(
        arguments: [
            (.text, "000123", "000123"), (.text, "No", "No"), (.text, "yes", "yes"), (.number, "10", 10),
            (.number, "2.50", .number("2.50")), (.number, "000123", nil), (.number, "ten", nil), (.number, "", nil),
            (.boolean, "yes (print:no copy:no)", true), (.boolean, "no", false), (.boolean, "No", nil),
            (.boolean, "nothing", nil), (.boolean, "", nil),
        ] as [(Fact.Kind, String, JSONValue?)])
    func aFactIsOfItsKindOrNone(kind: Fact.Kind, text: String, value: JSONValue?) {
        #expect(Fact("Label", kind).value(in: " Label : \(text) ") == value)
        #expect(Fact("label", kind).value(in: "Label: \(text)") == nil)
    }

    @Test(
        arguments: [
            (1, "password", "The document has a password. Remove it."), (2, "exit", "The document is odd."),
            (3, "password", "Try it did not work (exit code 3)."),
        ] as [(CInt, String, String)])
    func anExitCodeHasWordsOfTheStepsOwn(code: CInt, errorCode: String, message: String) async throws {
        var step = try Step.script("exit \(code)")
        step.exits.messages = [1: "The document has a password. Remove it.", 2: "The document is odd."]
        step.exits.codes = [1: "password", 3: "password"]
        let ended = await (try ProcessorBench([step])).run()
        #expect(ended.failure?.code == errorCode)
        #expect(ended.failure?.message.hasPrefix(message) == true)
        #expect(ended.failure?.exitCode == Int(code))
    }

    @Test func ofSeveralFilesTheMessageNamesTheOne() async throws {
        var step = try Step.script("[ $JOBD_FILE_NAME = one.txt ]", perFile: true)
        step.exits.messages = [1: "It is odd."]
        let bench = try ProcessorBench([step])
        let files = [try bench.store([1], name: "one.txt"), try bench.store([2], name: "two.txt")]
        #expect(await bench.run(files).failure?.message == "two.txt: It is odd.")
    }

    @Test func whatWasFoundBeforeAFailureIsKept() async throws {
        let ended = await (try ProcessorBench([.script("echo ::result pages=3 >$JOBD_REPORTS; exit 1")])).run()
        #expect(ended.outcome?.result?.value["pages"] == 3)
        #expect(ended.result?["steps"]?.array?.first?["status"] == "failed")
    }

    @Test func aStepNamesTheMediaTypesOfItsOutputs() async throws {
        let ended = await
            (try ProcessorBench([
                .script("echo x > \"$1\"; echo ::artifact a.x application/x-own >$JOBD_REPORTS", ["{output:a.x}"])
            ])).run()
        #expect(ended.outcome?.artifacts.map(\.mediaType) == ["application/x-own"])
    }
}
