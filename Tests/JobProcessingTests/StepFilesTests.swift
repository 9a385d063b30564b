import JSON
import JobFiles
import JobModel
import JobTesting
import Testing

@testable import JobProcessing

/// Which files a step works on, and where what it makes and finds belongs.
@Suite(.timeLimit(.minutes(5)))
struct StepFilesTests {
    private static let copy = "cat \"$1\" > \"$2\"; echo \"::result length=$(wc -c < \"$1\")\" >$JOBD_REPORTS"

    private static func copyEach(when condition: StepCondition = StepCondition()) throws -> Step {
        try .script(copy, ["{input}", "{output:copy.txt}"], when: condition, perFile: true)
    }

    @Test func theOnlyFileGivesItsFindingsToTheJob() async throws {
        let bench = try ProcessorBench([try Self.copyEach()])
        let ended = await bench.run([try bench.store(Array("one".utf8), name: "one.txt")])
        #expect(ended.outcome?.artifacts.map(\.name.description) == ["copy.txt"])
        #expect(ended.result?["length"] == 3)
        #expect(ended.result?["files"] == [["name": "one.txt", "length": 3]])
    }

    @Test func eachOfSeveralFilesHasItsOwn() async throws {
        // Reports are told at intervals: the second run goes on when it was heard of.
        let temporary = TemporaryDirectory()
        let heard = NamedPipe(temporary.appending("heard"))
        let bench = try ProcessorBench([
            .script(
                Self.copy + "; [ $JOBD_FILE_NAME = one.txt ] || read x <>$3",
                ["{input}", "{output:copy.txt}", heard.path], perFile: true),
            .script("echo $1", ["{output:x}"], name: "last"),
        ])
        let files = [
            try bench.store(Array("one".utf8), name: "one.txt"), try bench.store(Array("three".utf8), name: "two.txt"),
        ]
        let ended = await bench.run(files) { report in
            if report.message == "Try it (2 of 2)" { NamedPipe.release(heard.path) }
        }
        #expect(ended.outcome?.artifacts.map(\.name.description) == ["1-copy.txt", "2-copy.txt"])
        #expect(ended.result?["length"] == nil)
        #expect(
            ended.result?["files"]
                == [["name": "one.txt", "length": 3], ["name": "two.txt", "length": 5]])
        #expect(ended.result?["steps"]?.array?.count == 2)
        #expect(ended.reports.compactMap(\.message).contains("Try it (2 of 2)"))
        let text = FileOnDisk(bench.area.path(of: .named("2-copy.txt"), of: .sample, run: 1))?.text
        #expect(text == "three")
    }

    @Test func aStepForEachOfNoFilesDoesNotRun() async throws {
        let ended = await (try ProcessorBench([try Self.copyEach()])).run()
        #expect(ended.outcome?.ending == .completed)
        #expect(ended.outcome?.message == "Nothing was done. No step of this pipeline runs without a file.")
        #expect(ended.result == ["steps": []])
    }

    @Test func aStepRunsOnlyWhereEarlierOnesFoundWhatItNeeds() async throws {
        let found = { (value: JSONValue) in StepCondition(results: ["length": value]) }
        let bench = try ProcessorBench([
            try .script(Self.copy, ["{input}", "/dev/null"], name: "measure", perFile: true),
            try .script("echo five $JOBD_FILE_NAME", name: "five", when: found(5), perFile: true),
            try .script("echo never", name: "never", when: found("5"), perFile: true),
            try .script("echo never", name: "unknown", when: StepCondition(results: ["unheard": 1])),
        ])
        let files = [
            try bench.store(Array("one".utf8), name: "one.txt"), try bench.store(Array("three".utf8), name: "two.txt"),
        ]
        let ended = await bench.run(files)
        #expect(ended.texts("stdout") == ["five two.txt"])
        #expect(ended.result?["steps"]?.array?.map { $0["name"] } == ["measure", "five"])
    }

    @Test func anOutputTakesThePlaceOfItsInput() async throws {
        var convert = try Step.script(
            "printf '%%PDF-1.4\\n' > \"$1\"", ["{output:made.pdf}"], name: "convert",
            when: StepCondition(mediaTypes: ["text/plain"]), perFile: true)
        convert.output.nextInput = .named("made.pdf")
        let bench = try ProcessorBench([
            convert,
            try .script(
                "cat \"$1\"; echo \"$2\"", ["{input}", "{file.name}"],
                when: StepCondition(mediaTypes: ["application/pdf"])),
        ])
        let ended = await bench.run([try bench.store(Array("text\n".utf8), name: "a.txt")])
        #expect(ended.texts("stdout") == ["%PDF-1.4", "a.txt"])
        #expect(ended.outcome?.artifacts.map(\.mediaType) == ["application/pdf"])
    }

    @Test(arguments: ["exit 0", "ln -s /etc/passwd \"$1\"", "mkdir \"$1\""])
    func anOutputThatIsNoFileTakesNoPlace(script: String) async throws {
        var convert = try Step.script(script, ["{output:made.pdf}"], name: "convert", perFile: true)
        convert.output.nextInput = .named("made.pdf")
        let bench = try ProcessorBench([convert])
        let ended = await bench.run([try bench.store(Array("text".utf8), name: "a.txt")])
        #expect(ended.failure?.message == "Convert did not make made.pdf. Check the file, then try again.")
    }
}
