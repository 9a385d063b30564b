import Glibc
import JobFiles
import JobModel
import JobSystem
import JobTesting
import Testing

@testable import JobProcessing

/// What is left when whoever started a step is killed, and how the next daemon finds it.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct DaemonDeathTests {
    private let bench = StepBench()

    @Test(arguments: ["", "trap '' TERM; "])
    func aStepEndsWithWhoeverHoldsItsControlSocket(trap: String) async throws {
        let ready = NamedPipe(bench.work + "/ready")
        let script = """
            \(trap)echo $$ > command.pid
            setsid sh -c '(sh -c "echo \\$\\$ > forked.pid; echo > ready; exec tail -f /dev/null" &)' &
            exec tail -f /dev/null
            """
        let limits = StepLimits(grace: trap.isEmpty ? .seconds(50) : .milliseconds(100))
        let pipes = try bench.start(bench.order(["/bin/sh", "-c", script], limits: limits))
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        let holder = try Spawn(
            path: "/usr/bin/tail", arguments: ["tail", "-f", "/dev/null"], environment: [:],
            descriptors: [null, null, null, pipes.control]
        ).start()
        close(null)
        pipes.endControl()
        _ = await onOwnThread { ready.line() }
        let processes = Processes.written(in: bench.work)
        #expect(Set(processes.keys) == ["command", "forked"])
        for process in processes.values { #expect(Processes.runs(process)) }

        kill(holder, SIGKILL)
        waitpid(holder, nil, 0)
        #expect(await bench.word(from: pipes) == "cancelled \(trap.isEmpty ? "stopped" : "killed")")
        for (name, process) in processes { #expect(!Processes.exists(process), "\(name)") }
    }

    @Test func whatADeadDaemonLeftIsEndedAndRemovedBeforeTheNextAttempt() async throws {
        let bench = try ProcessorBench([.script("ls ..; ls $HOME")])
        // The second is as an earlier version left it.
        let runs = try bench.area.runsDirectory().path
        let stale = ["sample@7", "other/7"].map { "\(runs)/\($0)" }
        let ready = NamedPipe(bench.path("ready"))
        var started: [Int32] = []
        mkdir("\(runs)/other", 0o700)
        for path in stale {
            for folder in ["", "/work", "/work/closed"] { mkdir(path + folder, 0o700) }
            FileOnDisk.write("old", to: "\(path)/work/closed/old")
            chmod("\(path)/work/closed", 0)
            let lock = try RunLock(making: try Directory(at: path))
            started.append(try Self.hold(lock, announcing: ready.path))
            _ = await onOwnThread { ready.line() }
        }
        let holders = started

        bench.processor.cleanUp()
        let ended = await bench.run()
        #expect(ended.texts("stdout") == ["lock", "metadata.json", "output", "reports", "tmp", "work"])
        #expect(!Processes.runs(holders[0]))
        // Nobody waits for what another job has left.
        await onOwnThread { for holder in holders { waitpid(holder, nil, 0) } }
        await onOwnThread { while bench.area.runPaths() != [] {} }
    }

    /// What cannot be killed holds up its own job, which may still be cancelled, and no other.
    @Test func aRunThatDoesNotEndHoldsUpItsOwnJobAlone() async throws {
        let bench = try ProcessorBench([.script("echo ran")])
        let path = bench.area.runPath(of: .sample, run: 7)
        mkdir(path, 0o700)
        // A process that nobody ends: this one.
        let lock = try RunLock(making: try Directory(at: path))
        let taken = try #require(try lock.take())
        bench.processor.cleanUp()
        #expect(await bench.run(jobId: .named("other")).outcome?.ending == .completed)

        let cancelling = Task {
            while !Task.isCancelled {
                bench.processor.cancel(.sample, run: 8)
                await Task.yield()
            }
        }
        let ending = await bench.run(attempt: 8).outcome?.ending
        cancelling.cancel()
        guard case .cancelled? = ending else {
            Issue.record("\(String(describing: ending))")
            return
        }
        close(taken)
        #expect(await bench.run(attempt: 9).texts("stdout") == ["ran"])
        withExtendedLifetime(lock) {}
    }

    @Test func aLockThatNobodyHoldsIsFree() throws {
        #expect(bench.lock.free() == [])
        let taken = try #require(try bench.lock.take())
        #expect(try bench.lock.take() == nil)
        close(taken)
        #expect(RunLock(in: try Directory(at: bench.work)) == nil)
    }

    @Test func aLockIsFreedOfWhoeverIgnoresTheRequest() async throws {
        let ready = NamedPipe(bench.directory + "/ready")
        let holder = try Self.hold(bench.lock, announcing: ready.path, before: "trap '' TERM; ")
        _ = await onOwnThread { ready.line() }
        // It is known without its name.
        unlink(bench.directory + "/lock")
        let lock = bench.lock
        #expect(await onOwnThread { lock.free(grace: .milliseconds(50)) } == [holder])
        var status: CInt = 0
        waitpid(holder, &status, 0)
        #expect(status & 0x7F == SIGKILL)
    }

    @Test func whoeverIsJustBeingStartedDoesNotHoldALock() async throws {
        let lock = bench.lock
        let taken = try #require(try lock.take())
        var spawn = Spawn(path: "/bin/true", arguments: ["true"], environment: [:], descriptors: [])
        // A child has copies of everything until its program runs; so many calls take a while.
        spawn.limits = Array(repeating: (resource: CInt(RLIMIT_CORE.rawValue), value: 0), count: 20_000)
        async let signalled = onOwnThread { lock.free(grace: .zero) }
        do {
            // Also when a start fails, or the other thread would wait for ever.
            defer { close(taken) }
            for _ in 0..<20 {
                let child = try spawn.start()
                var status: CInt = 0
                waitpid(child, &status, 0)
                #expect(status == 0)
            }
        }
        #expect(await signalled == [])
    }

    /// Starts a process that holds the lock of a run's directory, as a step does.
    private static func hold(_ lock: RunLock, announcing ready: String, before: String = "") throws -> Int32 {
        let taken = try #require(try lock.take())
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer {
            close(taken)
            close(null)
        }
        var spawn = Spawn(
            path: "/bin/sh", arguments: ["sh", "-c", before + "echo > \"$1\"; exec tail -f /dev/null", "sh", ready],
            environment: ["PATH": ProgramPath.standard], descriptors: [null, null, null, taken])
        spawn.hasOwnGroup = true
        return try spawn.start()
    }
}
