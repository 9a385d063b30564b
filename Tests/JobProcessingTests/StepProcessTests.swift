import Glibc
import JobFiles
import JobTesting
import Testing

@testable import JobProcessing

/// How a step's command ends, and what is said of it.
@Suite(.timeLimit(.minutes(1)))
struct StepProcessTests {
    let bench = StepBench()

    @Test(arguments: [
        ("exit 0", StepExit.exited(code: 0)), ("exit 1", .exited(code: 1)), ("exit 77", .exited(code: 77)),
        ("exit 255", .exited(code: 255)), ("kill -SEGV $$", .signalled("SIGSEGV")),
        ("kill -KILL $$", .signalled("SIGKILL")), ("kill -TERM $$", .signalled("SIGTERM")),
    ])
    func itsEndIsTold(script: String, exit: StepExit) {
        #expect(bench.run(script).exit == exit)
    }

    @Test(arguments: [["no-such-program"], ["/no/such/program"], ["/etc/passwd"], ["/tmp"]])
    func aProgramThatCannotBeRunIsMissing(command: [String]) {
        guard case .missingProgram(let reason) = bench.run(command: command).exit else {
            Issue.record("it was run")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test func bothStreamsAreReadLineByLine() {
        let end = bench.run("echo one; echo two; printf three; echo four >&2; echo; printf '\\377\\376\\n' >&2")
        #expect(end.out == ["one", "two", "three"])
        #expect(end.errors == ["four", "\u{FFFD}\u{FFFD}"])
    }

    @Test func emptyLinesStay() {
        #expect(bench.run("echo; echo a; echo").out == ["", "a", ""])
    }

    @Test func muchOutputOnBothStreamsIsReadToItsEnd() {
        let end = bench.run("seq 200000; seq 200000 >&2")
        #expect(end.exit == .exited(code: 0))
        #expect(end.out.count == 200_000 && end.out.last == "200000")
        #expect(end.errors.count == 200_000)
    }

    @Test func aLineWithoutEndIsCut() {
        let end = bench.run("head -c 10000000 /dev/zero | tr '\\0' x")
        #expect(end.exit == .exited(code: 0))
        #expect(end.out.allSatisfy { $0.utf8.count <= LineSplitter.maximumBytes })
        #expect(end.out.reduce(0) { $0 + $1.utf8.count } == 10_000_000)
    }

    @Test func whoPrintsTooMuchIsEnded() {
        let end = bench.run("yes", limits: StepLimits(printedBytes: 1_000_000))
        #expect(end.exit == .outputLimit)
        #expect(end.out.count <= 500_000)
    }

    @Test func nothingIsInheritedButWhatIsGiven() {
        let end = bench.run("env | sort; ls /proc/$$/fd; readlink /proc/$$/fd/0 /proc/$$/fd/3; ulimit -c")
        let lock = bench.directory.appending("lock")
        #expect(end.out.filter { $0.hasPrefix("PATH=") || $0.hasPrefix("LANG=") }.count == 2)
        #expect(!end.out.contains { $0.hasPrefix("HOME=") || $0.hasPrefix("USER=") })
        #expect(end.out.suffix(7) == ["0", "1", "2", "3", "/dev/null", lock, "0"])
    }

    @Test func noNewPrivilegesAreToBeHad() {
        let end = bench.run("grep NoNewPrivs /proc/self/status")
        #expect(end.out == ["NoNewPrivs:\t1"])
    }

    @Test func noDescriptorAndNoZombieIsLeft() {
        func descriptors() -> Int { Folder.names(in: "/proc/self/fd").count }
        // The first run may open what stays open for all.
        _ = bench.run("true")
        let before = descriptors()
        for _ in 0..<10 { _ = bench.run("sleep 0 & exit 3") }
        // Other tests of this process come and go; hundreds would be a leak.
        #expect(descriptors() < before + 60)
        let children = ProcessTable.processes.filter {
            $0 != getpid() && Folder.names(in: "/proc/\($0)/task").isEmpty
        }
        #expect(children.isEmpty)
    }
}
