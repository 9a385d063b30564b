import Glibc
import JSON
import JobFiles
import JobModel
import JobTesting
import Testing

@testable import JobProcessing

/// The pipe for programs that cannot print, and the files and variables for those that cannot be asked.
@Suite(.timeLimit(.minutes(5)))
struct StepReportsTests {
    @Test func wordsWrittenToThePipeAreHeard() async throws {
        let directory = TemporaryDirectory()
        let heard = directory.appending("heard")
        mkfifo(heard, 0o600)
        let bench = try ProcessorBench([
            .script(
                "exec >&- 2>&-; echo '::result pages=3' > $JOBD_REPORTS; echo ::progress 50 half > $JOBD_REPORTS;"
                    + " read x < \"$1\"; echo a line >> $JOBD_REPORTS; printf 'no end' > $JOBD_REPORTS", [heard])
        ])
        let ended = await bench.run { if $0.message == "half" { NamedPipe.release(heard) } }
        #expect(ended.result?["pages"] == 3)
        #expect(ended.reports.compactMap(\.message).contains("half"))
        #expect(ended.texts("stdout") == ["a line", "no end"])
    }

    @Test func wordsOfWindowsAreWords() async throws {
        let script = #"printf '::result a=1\r\n::result b=2\r::result c=3\r\n' > $JOBD_REPORTS; printf 'x\r\ny\r\n'"#
        let ended = try await ProcessorBench([.script(script)]).run()
        #expect(["a", "b", "c"].map { ended.result?[$0] } == [1, 2, 3])
        #expect(ended.texts("stdout") == ["x", "y"])
    }

    @Test(arguments: [
        "rm $JOBD_REPORTS", "rm $JOBD_REPORTS; ln -s /etc/passwd $JOBD_REPORTS", "exec 9<>$JOBD_REPORTS; sleep 100 &",
        "rm $JOBD_REPORTS; mkdir $JOBD_REPORTS; : > $JOBD_REPORTS/x",
    ])
    func whatAStepDoesToThePipeIsItsOwnLoss(script: String) async throws {
        let bench = try ProcessorBench([.script(script), .script("echo ::result ok=1 > $JOBD_REPORTS", name: "two")])
        let ended = await bench.run()
        #expect(ended.outcome?.ending == .completed)
        #expect(ended.result?["ok"] == 1)
        #expect(bench.area.runPaths() == [])
    }

    @Test func thePipeCountsAsAWordAgainstSilence() async throws {
        // Longer in all than the silence that is allowed, which is long for a machine that stands still for a while.
        let script = "for n in $(seq 21); do read -t 0.5 x < pipe; echo ::progress $n > $JOBD_REPORTS; done"
        let ended = await
            (try ProcessorBench([
                .script(
                    "mkfifo pipe; exec 9<>pipe; exec bash -c '\(script)'",
                    limits: StepLimits(silence: .seconds(10)))
            ])).run()
        #expect(ended.outcome?.ending == .completed)
    }

    @Test func whatIsWrittenToThePipeIsBounded() async throws {
        let ended = await
            (try ProcessorBench([
                .script("yes > $JOBD_REPORTS", limits: StepLimits(printedBytes: 100_000))
            ])).run()
        #expect(ended.failure?.code == "output-limit")
    }

    @Test func theSurroundingsSayWhatTheJobIs() async throws {
        var step = try Step.script(
            "cat $JOBD_METADATA; echo; echo \"$JOBD_FILE_NAME\" $JOBD_MEDIA_TYPE $OWN; echo \"$JOBD_INPUTS\" | wc -l")
        step.environment = ["OWN": "own"]
        let bench = try ProcessorBench([step])
        let files = [
            try bench.store(Array("one".utf8), name: "a b.txt"), try bench.store(Array("two".utf8), name: "c.txt"),
        ]
        let ended = await bench.run(files, metadata: ["n": 1, "s": "ü"])
        #expect(ended.texts("stdout") == [#"{"n":1,"s":"ü"}"#, "a b.txt text/plain own", "2"])
    }
}
