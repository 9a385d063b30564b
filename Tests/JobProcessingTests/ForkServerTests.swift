import Glibc
import JobFiles
import JobSystem
import JobTesting
import Testing

@testable import JobProcessing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct ForkServerTests {
    private let bench = StepBench()

    /// The supervisor's parent, and the shell's.
    private static let family = "read _ _ _ server _ < /proc/$PPID/stat; echo $server $PPID"

    @Test func oneProcessForksAllSupervisors() async {
        var servers: Set<Substring?> = []
        for _ in 1...3 {
            servers.insert(await bench.run(script: Self.family).texts()[0].split(separator: " ").first)
        }
        #expect(servers.count == 1)
    }

    @Test func stepsRunBesideEachOther() async {
        await withTaskGroup { group in
            for number in 0..<20 {
                group.addTask {
                    let bench = StepBench(forkServer: bench.forkServer)
                    let ended = await bench.run(script: "echo \(number); exit \(number)")
                    #expect(ended.texts() == ["\(number)"])
                    #expect(ended.exit == .exited(code: CInt(number)))
                }
            }
        }
    }

    @Test func oneThatIsKilledIsReplaced() async throws {
        let first = await bench.run(script: Self.family).texts()[0].split(separator: " ")
        let server = try #require(first.first.flatMap { pid_t($0) })
        kill(server, SIGKILL)
        // Until its end of the socket is closed, which is before it can be waited for.
        var information = siginfo_t()
        waitid(P_PID, id_t(server), &information, WEXITED | WNOWAIT)
        let ended = await bench.run(script: Self.family)
        #expect(ended.exit == .exited(code: 0))
        #expect(ended.texts()[0].split(separator: " ").first != first.first)
        #expect(!Processes.exists(server))
    }

    @Test func aRunningStepOutlivesTheProcessThatItsSupervisorWasForkedFrom() async {
        let ended = await bench.run(
            script: "read _ _ _ server _ < /proc/$PPID/stat; kill -KILL $server; echo on")
        #expect(ended.exit == .exited(code: 0))
        #expect(ended.texts() == ["on"])
    }

    @Test func itEndsWithItsOwner() async throws {
        var owner: ForkServer? = ForkServer(.steps(executable: BuiltPrograms.jobd))
        let words = await StepBench(forkServer: try #require(owner)).run(script: Self.family).texts()[0]
        let server = try #require(words.split(separator: " ").first.flatMap { pid_t($0) })
        #expect(Processes.runs(server))
        owner = nil
        await onOwnThread { Processes.waitForEnd(of: server) }
    }

    @Test func anExecutableThatIsNotThereIsAStepThatIsNotStarted() async {
        let bench = StepBench(forkServer: ForkServer(.steps(executable: "/nonexistent/jobd")))
        #expect(await bench.run(["true"]).exit == .notStarted(reason: "execve failed: No such file or directory"))
    }

    /// Whether it ends before or after it was sent something is chance.
    @Test func anExecutableThatEndsAtOnceIsAStepThatIsLost() async {
        let bench = StepBench(forkServer: ForkServer(.steps(executable: "/bin/false")))
        let exit = await bench.run(["true"]).exit
        #expect(exit == .lost || exit == .notStarted(reason: "sendmsg failed: Broken pipe"))
    }

    /// It holds no end of any other step's: neither of a socket nor of a pipe.
    @Test func aSupervisorHoldsNothingOfOthers() async throws {
        let ready = NamedPipe(bench.directory + "/ready")
        let cancellation = try Cancellation()
        async let other = StepBench(forkServer: bench.forkServer)
            .run(script: "echo > \(ready.path); exec tail -f /dev/null", cancellation: cancellation)
        _ = await onOwnThread { ready.line() }
        // It closes its own ends of what the command prints once that runs.
        let held = await bench.run(
            script: """
                cd /proc/$PPID/fd; while [ -e 1 ] || [ -e 2 ]; do :; done
                for look in 1 2 3; do for fd in *; do echo $fd $(readlink $fd); done; done
                """
        ).texts()
        cancellation.cancel()
        _ = await other
        // What it opens for a moment, to see what the step uses, is not there each time.
        let always = Set(held).filter { line in held.count { $0 == line } == 3 }.sorted()
        let kinds = always.map { line in
            line.split(separator: " ").enumerated().map { $0 == 0 ? $1 : $1.prefix { $0 != ":" } }
        }
        #expect(
            kinds.map { $0.joined(separator: " ") }
                == [
                    "0 socket", "3 pipe", "4 \(bench.directory)/lock", "5 \(bench.directory)", "6 socket",
                    "7 anon_inode",
                ])
    }

    /// Nor does one of those that are forked at the same moment: a lock that another held, too, would never be free.
    @Test func noneOfManySupervisorsHoldsALockOfAnother() async {
        await withTaskGroup { group in
            for _ in 0..<16 {
                group.addTask {
                    let bench = StepBench(forkServer: bench.forkServer)
                    let held = await bench.run(
                        script: "for fd in /proc/$PPID/fd/* /proc/$$/fd/*; do readlink $fd; done | grep /lock")
                    #expect(Set(held.texts()) == ["\(bench.directory)/lock"])
                }
            }
        }
    }

    @Test func itTakesNoEnvironmentAlong() async {
        setenv("JOBD_SECRET", "of the daemon", 1)
        defer { unsetenv("JOBD_SECRET") }
        let bench = StepBench(forkServer: ForkServer(.steps(executable: BuiltPrograms.jobd)))
        let texts = await bench.run(script: "env; tr '\\0' '\\n' < /proc/$PPID/environ").texts()
        #expect(texts.contains("MARK=1=2="))
        #expect(!texts.contains { $0.contains("SECRET") })
    }

    @Test func descriptorsThatAreNotThoseOfAStepAreNoStep() async throws {
        try bench.forkServer.fork([STDERR_FILENO])
        try bench.forkServer.fork(Array(repeating: STDERR_FILENO, count: 16))
        #expect(await bench.run(script: "exit 3").exit == .exited(code: 3))
    }

    // MARK: A unit

    @Test func aUnitThatGoesAndComesBackGoesOnForkingSupervisors() async throws {
        let unit = try StepUnit(in: bench.directory)
        let bench = StepBench(forkServer: ForkServer(.unit(socket: unit.path)))
        unit.start()
        let first = await bench.run(script: Self.family).texts().first?.split(separator: " ").first
        #expect(first == "\(unit.process)")
        await unit.kill()
        // Who asks meanwhile waits in the socket.
        async let waiting = bench.run(script: Self.family)
        unit.start()
        #expect(await waiting.texts().first?.split(separator: " ").first == "\(unit.process)")
    }

    @Test func aUnitForksForAllDaemonsThatThereAreAndOutlivesThem() async throws {
        let unit = try StepUnit(in: bench.directory)
        unit.start()
        var first: ForkServer? = ForkServer(.unit(socket: unit.path))
        let ofFirst = StepBench(forkServer: try #require(first))
        #expect(await ofFirst.run(script: "exit 3").exit == .exited(code: 3))
        let second = StepBench(forkServer: ForkServer(.unit(socket: unit.path)))
        #expect(await second.run(script: "exit 4").exit == .exited(code: 4))
        #expect(await ofFirst.run(script: "exit 5").exit == .exited(code: 5))
        first = nil
        #expect(await second.run(script: "exit 6").exit == .exited(code: 6))
        #expect(Processes.runs(unit.process))
    }

    @Test func aStepOfAUnitEndsWithItsDaemonsEndOfTheSocket() async throws {
        let unit = try StepUnit(in: bench.directory)
        unit.start()
        let bench = StepBench(forkServer: ForkServer(.unit(socket: unit.path)))
        let pipes = try bench.start(bench.order(["tail", "-f", "/dev/null"]))
        pipes.endControl()
        #expect(await bench.word(from: pipes) == "cancelled stopped")
    }

    @Test func aUnitThatIsNotThereIsNamedWithTheCallThatFailed() async {
        let path = bench.directory + "/steps.sock"
        let bench = StepBench(forkServer: ForkServer(.unit(socket: path)))
        #expect(
            await bench.run(["true"]).exit
                == .notStarted(reason: "connect of \(path) failed: No such file or directory"))
    }

    @Test func aUnitThatDoesNotStartIsNotWaitedForForEver() async throws {
        let unit = try StepUnit(in: bench.directory)
        let bench = StepBench(forkServer: ForkServer(.unit(socket: unit.path), patience: .milliseconds(50)))
        let exit = await bench.run(["true"]).exit
        #expect(exit == .notStarted(reason: "connect of \(unit.path) failed: Connection timed out"))
    }

    @Test func aPersonIsToldThatItIsNoCommand() async throws {
        let said = NamedPipe(bench.directory + "/said")
        let end = open(said.path, O_WRONLY | O_CLOEXEC)
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        let server = try Spawn(
            path: BuiltPrograms.jobd, arguments: ["jobd", "step-exec"], environment: [:],
            descriptors: [null, null, end]
        ).start()
        close(end)
        close(null)
        #expect(await onOwnThread { said.end() }.contains("started by the daemon"))
        var status: CInt = 0
        waitpid(server, &status, 0)
        #expect(status == 2 << 8)
    }
}
