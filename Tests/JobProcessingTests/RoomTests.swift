import Glibc
import JobFiles
import JobModel
import JobSystem
import JobTesting
import Logging
import Testing

@testable import JobProcessing

enum Rooms {
    static let arePossible: Bool = {
        guard let bench = try? ProcessorBench([], inRooms: .on) else { return false }
        bench.sandbox.start()
        return bench.sandbox.state == .working
    }()
}

/// Steps in rooms of their own, where this machine can make them.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: Rooms.arePossible))
struct RoomTests {
    private static let errnoOf = """
        import errno, os, socket, sys
        def attempt(name, act):
            try: act(); print(name, "done")
            except OSError as e: print(name, errno.errorcode[e.errno])
        """

    /// Runs a script of Python in a room, and returns what it printed.
    private func run(
        python script: String, file: String = "x", limits: StepLimits = StepLimits(), more: StepRoom = StepRoom()
    ) async throws -> ProcessorBench.Ended {
        let template = try CommandTemplate(["python3", "-c", Self.errnoOf + "\n" + script])
        var step = Step(name: "try-it", action: .command(template), limits: limits)
        step.room = more
        let bench = try ProcessorBench([step], inRooms: .on)
        return await bench.run([try bench.store(Array(file.utf8), name: "a.txt")])
    }

    @Test(arguments: [
        ("open('/etc/shadow')", "ENOENT"), ("os.listdir('/home')", "ENOENT"), ("os.listdir('/run')", "ENOENT"),
        ("os.listdir('/var/lib/jobd')", "ENOENT"), ("open('/usr/x', 'w')", "EROFS"), ("open('/x', 'w')", "EROFS"),
        ("open(os.environ['JOBD_INPUT'], 'w')", "EROFS"), ("os.chmod(os.environ['JOBD_INPUT'], 0o666)", "EROFS"),
        ("os.link(os.environ['JOBD_INPUT'], os.environ['JOBD_OUTPUT_DIRECTORY'] + '/l')", "EXDEV"),
        ("os.rename(os.environ['JOBD_OUTPUT_DIRECTORY'], os.environ['JOBD_OUTPUT_DIRECTORY'] + '2')", "EBUSY"),
        ("os.rmdir(os.environ['JOBD_OUTPUT_DIRECTORY'])", "EBUSY"),
        ("open(os.environ['JOBD_METADATA'], 'w')", "EROFS"), ("open('/proc/sys/kernel/core_pattern', 'w')", "EROFS"),
        ("open(os.environ['JOBD_WORK_DIRECTORY'] + '/../lock')", "ENOENT"),
        ("socket.socket(socket.AF_INET)", "EAFNOSUPPORT"), ("socket.socket(socket.AF_NETLINK)", "EAFNOSUPPORT"),
        ("socket.socket(40, socket.SOCK_STREAM)", "EAFNOSUPPORT"), ("open('/proc/1/mem')", "EACCES"),
        ("os.kill(os.getppid() + 1000, 0)", "ESRCH"), ("os.mknod('d', 0o20600, os.makedev(1, 3))", "EPERM"),
        ("os.unshare(os.CLONE_NEWUSER) if hasattr(os, 'unshare') else call(272, 0x10000000)", "EPERM"),
        ("call(101, 16, 1, 0, 0)", "EPERM"), ("call(165, 0, 0, 0, 0, 0)", "EPERM"), ("call(310, 1)", "EPERM"),
        ("call(425, 8, 0)", "ENOSYS"), ("call(435, 0, 0)", "ENOSYS"), ("call(323, 0)", "EPERM"),
        ("call(321, 0, 0, 0)", "EPERM"), ("call(304, 0, 0, 0)", "EPERM"), ("call(250, 0)", "EPERM"),
    ])
    func whatAStepMayNotIsRefused(act: String, errno: String) async throws {
        let ended = try await run(
            python: """
                import ctypes
                def call(number, *words):
                    if ctypes.CDLL(None, use_errno=True).syscall(number, *words) == -1: raise OSError(ctypes.get_errno(), "")
                attempt("it", lambda: \(act))
                """)
        #expect(ended.texts("stdout") == ["it \(errno)"], "\(ended)")
    }

    @Test func aRoomEndsWithWhoeverCouldAskItTo() async throws {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        let command = Spawn(
            path: "/usr/bin/tail", arguments: ["tail", "-f", "/dev/null"], environment: [:],
            descriptors: [null, null, null])
        // On one thread: a room also ends with the thread that made it.
        let (isOver, end) = try await onOwnThread {
            let room = try Room().start(command, isWithoutNetwork: false)
            // Its maker's end is closed, and its number stays for the end of all.
            dup2(null, room.control)
            var report = pollfd(fd: room.report, events: Int16(POLLIN), revents: 0)
            return (poll(&report, 1, 60_000) == 1, room.end())
        }
        #expect(isOver)
        guard case .killed = end else {
            Issue.record("The command ended.")
            return
        }
    }

    @Test func aStepSeesItsOwnFoldersAndMayChangeThem() async throws {
        let ended = try await run(
            python: """
                print(open(os.environ["JOBD_INPUT"]).read(), os.getcwd() == os.environ["JOBD_WORK_DIRECTORY"])
                for name in ["JOBD_WORK_DIRECTORY", "TMPDIR", "JOBD_OUTPUT_DIRECTORY"]:
                    open(os.environ[name] + "/a", "w").write("made")
                open("/tmp/b", "w"); open("/dev/shm/c", "w"); open("/dev/null", "w").write("x")
                print(open(os.environ["JOBD_METADATA"]).read(), sorted(p for p in os.listdir("/proc") if p.isdigit()))
                open(os.environ["JOBD_REPORTS"], "w").write("::warning heard\\n")
                """, file: "as sent")
        #expect(ended.texts("stderr") == [])
        #expect(ended.texts("stdout").prefix(2) == ["as sent True", "{} ['1', '2']"])
        #expect(ended.outcome?.artifacts.map(\.name.description) == ["a"])
        #expect(ended.lines.contains { $0.text.contains("heard") })
    }

    @Test func aStepGetsWhatItsKeysGiveIt() async throws {
        let directory = TemporaryDirectory()
        FileOnDisk.write("to be read", to: directory.appending("read"))
        mkdir(directory.appending("write"), 0o700)
        var more = StepRoom()
        more.network = true
        more.read = [directory.appending("read")]
        more.write = [directory.appending("write")]
        let ended = try await run(
            python: """
                print(open("\(directory.appending("read"))").read())
                attempt("change", lambda: open("\(directory.appending("read"))", "w"))
                open("\(directory.appending("write"))/a", "w").write("written")
                attempt("socket", lambda: socket.socket(socket.AF_INET))
                """, more: more)
        #expect(ended.texts("stdout") == ["to be read", "change EROFS", "socket done"])
        #expect(FileOnDisk(directory.appending("write/a"))?.text == "written")
    }

    @Test func whatAStepMayReadShowsNothingOfTheDaemon() async throws {
        let bench = try ProcessorBench([], inRooms: .on)
        var step = try Step.script(
            "ls \"$1\" \"$1/runs\"; cat \"$JOBD_INPUT\"; touch \"$JOBD_OUTPUT_DIRECTORY/a\" \"$1/b\"",
            [bench.area.directory])
        step.room.read = [String(bench.area.directory.dropLast("/storage".count))]
        bench.processor.setPipelines([JobMap.defaultJobType: Pipeline(steps: [step])])
        let ended = await bench.run([try bench.store(Array("as sent\n".utf8), name: "a.txt")])
        #expect(ended.texts("stdout").contains("as sent"))
        #expect(ended.texts("stdout").filter { $0.contains("files") || $0.contains("artifacts") } == [])
        #expect(ended.texts("stderr").contains { $0.hasSuffix("/b': Read-only file system") })
    }

    @Test func filesWithoutANameCountToo() async throws {
        let ended = try await run(
            python: """
                import signal
                for number in range(3):
                    file = open(str(number), "wb", buffering=0); os.unlink(str(number)); file.write(bytes(3_000_000))
                    globals()[f"kept{number}"] = file
                signal.pause()
                """, limits: StepLimits(outputBytes: 8_000_000))
        #expect(ended.failure?.code == "output-limit")
    }

    @Test func emptyFilesCountToo() async throws {
        let ended = try await run(
            python: """
                import signal
                for number in range(3000): open(str(number), "w").close()
                signal.pause()
                """, limits: StepLimits(outputBytes: 8_000_000))
        #expect(ended.failure?.code == "output-limit")
    }

    @Test func everythingThatAStepHasStartedEndsWithIt() async throws {
        let ended = try await run(
            python: """
                for _ in range(4):
                    if os.fork() == 0:
                        os.setsid()
                        while True:
                            if os.fork(): os._exit(0)
                """)
        #expect(ended.outcome?.ending == .completed)
    }

    @Test func aStepThatIgnoresEveryRequestIsKilled() async throws {
        let ended = try await run(
            python: """
                import signal
                for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(number, signal.SIG_IGN)
                attempt("kill", lambda: os.kill(1, signal.SIGKILL))
                signal.pause()
                """, limits: StepLimits(timeout: .milliseconds(500), grace: .milliseconds(50)))
        #expect(ended.failure?.code == "timeout")
    }

    @Test func theMemoryOfAllProcessesTogetherIsLimited() async throws {
        let ended = try await run(
            python: """
                import signal
                for _ in range(4):
                    if os.fork() == 0:
                        some = bytearray(60_000_000)
                        signal.pause()
                signal.pause()
                """, limits: StepLimits(memoryBytes: 150_000_000))
        #expect(ended.failure?.code == "memory")
    }

    /// What hides memory from whoever counts it: a name that reads like a line of /proc, a first thread that has ended, a
    /// process that cannot be looked into, pages that are only tables.
    @Test(arguments: [
        "libc.prctl(15, b'RssAnon: 0 kB'); fill()",
        "threading.Thread(target=fill).start(); libc.syscall(60, 0)",
        "libc.prctl(4, 0); fill()",
        """
        libc.mmap.restype = ctypes.c_void_p
        begin = libc.mmap(None, ctypes.c_size_t(200 << 30), 1, 0x4022, -1, 0)
        for page in range(0, 200 << 30, 2 << 20): ctypes.string_at(begin + page, 1)
        """,
    ])
    func memoryThatHidesCounts(act: String) async throws {
        let ended = try await run(
            python: """
                import ctypes, signal, threading
                libc = ctypes.CDLL(None)
                def fill():
                    global some
                    some = bytearray(120_000_000)
                    signal.sigwait({signal.SIGUSR1})
                os.fork()
                \(act)
                signal.pause()
                """, limits: StepLimits(memoryBytes: 150_000_000))
        #expect(ended.failure?.code == "memory")
    }

    @Test func theNumberOfProcessesIsLimited() async throws {
        let ended = try await run(
            python: """
                import signal
                while True:
                    try:
                        if os.fork() == 0: signal.pause()
                    except OSError as e:
                        print(errno.errorcode[e.errno])
                        sys.exit(3)
                """, limits: StepLimits(timeout: .seconds(30)))
        #expect(ended.failure != nil)
    }

    @Test func theNumberOfOpenFilesIsLimited() async throws {
        let ended = try await run(
            python: """
                import signal
                for _ in range(5): os.fork()
                try:
                    while True: os.dup(0)
                except OSError: signal.pause()
                """)
        #expect(ended.failure?.code == "signal")
        #expect(ended.failure?.message.contains("had more files open at once than it may") == true)
    }

    /// Where the kernel shares the processor among sessions, it is the session that has to be nice.
    ///
    /// The kernel lets a session be made so ten times a second, whoever asks: beside other rooms, one may not be.
    @Test func aStepComesAfterOthers() async throws {
        var session: String?
        while session != "['nice', '10']" {
            let ended = try await run(
                python: """
                    print(os.nice(0))
                    try: print(open("/proc/self/autogroup").read().split()[1:])
                    except OSError: print(["nice", "10"])
                    """)
            let lines = ended.texts("stdout")
            try #require(lines.count == 2 && lines[0] == "10", "\(ended)")
            session = lines[1]
            try Task.checkCancellation()
        }
    }

    @Test func addressesThatAreOnlyReservedAreNotMemory() async throws {
        let ended = try await run(
            python: """
                import mmap
                mmap.mmap(-1, 8 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=0)
                """, limits: StepLimits(memoryBytes: 100_000_000))
        #expect(ended.outcome?.ending == .completed)
    }

    @Test func aProgramThatIsMissingIsNamed() async throws {
        let step = Step(name: "try-it", action: .command(try CommandTemplate(["/nonexistent/program"])))
        let bench = try ProcessorBench([step], inRooms: .on)
        #expect(await bench.run().failure?.code == "missing-program")
    }

    @Test func aSignalIsReported() async throws {
        let ended = try await run(python: "import signal; os.kill(os.getpid(), signal.SIGSEGV)")
        #expect(ended.failure?.signal == "SIGSEGV")
    }

    @Test func whatIsInSightFailsTheProbe() async throws {
        let bench = try ProcessorBench([try .script("true")], inRooms: .on)
        let sandbox = Sandbox(
            .on, in: bench.area, hiding: ["/usr/bin"], covering: [], executable: BuiltPrograms.jobd,
            logger: .init(label: "test"))
        sandbox.start()
        guard case .failing(let reason) = sandbox.state else {
            Issue.record("the probe has not failed")
            return
        }
        #expect(reason.contains("hidden path"))
        #expect(sandbox.isBroken)
    }

    @Test func unitsThatAreNotThereAreNamedAndStepsRunOnceTheyAre() async throws {
        let bench = try ProcessorBench([try .script("true")], inRooms: .on)
        let units = TemporaryDirectory()
        let sandbox = Sandbox(
            .on, in: bench.area, hiding: [], covering: [], executable: "/nonexistent", units: units.path,
            logger: .init(label: "test"))
        let plain = try StepUnit(in: units.path, Sandbox.plainSocket)
        plain.start()
        sandbox.start()
        let path = "\(units.path)/\(Sandbox.openSocket)"
        #expect(sandbox.state == .failing(reason: "connect of \(path) failed: No such file or directory"))
        let open = try StepUnit(in: units.path, Sandbox.openSocket)
        open.start()
        sandbox.look()
        #expect(sandbox.state == .working)
        var more = StepRoom()
        more.read = ["/etc/hostname"]
        #expect(sandbox.forkServer(for: StepRoom()).origin == .unit(socket: plain.path))
        #expect(sandbox.forkServer(for: more).origin == .unit(socket: open.path))
    }

    /// A unit may keep the storage from being changed, or not show it at all.
    @Test(arguments: [
        (
            "mount --bind $0 $0 && mount -o remount,bind,ro $0",
            "write to the run's folder failed: Read-only file system"
        ),
        ("mount -t tmpfs tmpfs $0", "chdir failed: No such file or directory"),
    ])
    func aStorageThatAUnitCannotUseFailsTheProbe(mount: String, reason: String) throws {
        let bench = try ProcessorBench([], inRooms: .on)
        let units = TemporaryDirectory()
        let unit = try StepUnit(in: units.path, Sandbox.plainSocket)
        unit.start(in: [
            "unshare", "-Urm", "sh", "-c", mount + " && exec \(BuiltPrograms.jobd) step-exec", bench.area.directory,
        ])
        let sandbox = Sandbox(
            .on, in: bench.area, hiding: [], covering: [], executable: "/nonexistent", units: units.path,
            logger: .init(label: "test"))
        sandbox.start()
        #expect(sandbox.state == .failing(reason: "\(unit.path): \(reason)"))
    }
}
