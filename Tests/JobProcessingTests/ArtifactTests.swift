import Glibc
import JobFiles
import JobModel
import JobTesting
import Testing

@testable import JobProcessing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct ArtifactTests {
    @Test func whatAStepLeavesBecomesArtifacts() async throws {
        let bench = try ProcessorBench([
            .script("printf abc > \"$1\"; printf '%%PDF-1.4\\n' > $JOBD_OUTPUT_DIRECTORY/b.pdf", ["{output:a.txt}"])
        ])
        let artifacts = try #require(await bench.run().outcome?.artifacts)
        #expect(artifacts.map(\.name.description) == ["a.txt", "b.pdf"])
        #expect(artifacts.map(\.mediaType) == ["text/plain", "application/pdf"])
        #expect(artifacts.map(\.size) == [3, 9])
        #expect(
            artifacts.first?.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let file = FileOnDisk(bench.area.artifactsPath(of: .sample, run: 1) + "/a.txt")
        #expect(file?.text == "abc")
        #expect(file?.mode == 0o400)
        #expect(FileOnDisk.all(below: bench.area.directory).count == 2)
    }

    @Test(arguments: [
        ": > .hidden", ": > 'a b'", ": > \"$(printf 'a\\nb')\"", ": > \"$(printf '\\377')\"", ": > ü", ": > -x",
        ": > $(head -c 129 /dev/zero | tr '\\0' x)", "mkdir folder", "mkfifo pipe", "ln -s /etc/passwd link",
        "ln -s ok link", "ln \"$JOBD_INPUT\" input", "mv \"$JOBD_INPUT\" input", ": > a; ln a ../work/b",
        "perl -MSocket -e 'socket(S,PF_UNIX,SOCK_STREAM,0); bind(S,sockaddr_un(q(socket)))'",
    ])
    func whatIsNoPlainFileOfAPlainNameIsRefused(script: String) async throws {
        let bench = try ProcessorBench([.script("cd $JOBD_OUTPUT_DIRECTORY; echo fine > ok; \(script)")])
        let ended = await bench.run([try bench.store(Array("input".utf8), name: "x")])
        #expect(ended.outcome?.ending == .completed)
        #expect(ended.outcome?.artifacts.map(\.name.description) == ["ok"])
        #expect(ended.texts("jobd").count == 1)
        #expect(ended.texts("jobd").first?.contains("is not an artifact") == true)
        #expect(bench.area.runPaths() == [])
        #expect(FileOnDisk(bench.area.path(of: .named("file_0")))?.text == "input")
    }

    @Test func aFailedAttemptLeavesNoArtifacts() async throws {
        let bench = try ProcessorBench([.script(": > \"$1\"; exit 1", ["{output:a.txt}"])])
        #expect(await bench.run().outcome?.artifacts == [])
        #expect(FileOnDisk.all(below: bench.area.directory) == [])
    }

    @Test func theNextAttemptBeginsWithoutThoseOfTheLast() async throws {
        let bench = try ProcessorBench([.script("ls $JOBD_OUTPUT_DIRECTORY; : > $JOBD_OUTPUT_DIRECTORY/a$JOBD_ATTEMPT")]
        )
        for attempt in 1...2 {
            let ended = await bench.run(attempt: attempt)
            #expect(ended.outcome?.artifacts.map(\.name.description) == ["a\(attempt)"])
            #expect(ended.texts("stdout") == [])
        }
        #expect(FileOnDisk.all(below: bench.area.directory) == ["artifacts/sample/2/a2"])
    }

    @Test func stepsShareTheirDirectories() async throws {
        let bench = try ProcessorBench([
            .script("echo $HOME $TMPDIR > \"$1\"; echo kept > kept", ["{output:a.txt}"]),
            .script("cat kept; cat \"$1\"; pwd; echo $JOBD_JOB_ID $JOBD_ATTEMPT $JOBD_STEP", ["{output:a.txt}"]),
        ])
        let run = bench.area.runPath(of: .sample, run: 1)
        #expect(
            await bench.run().texts("stdout")
                == ["kept", "\(run)/work \(run)/tmp", "\(run)/work", "sample 1 try-it"])
    }
}
