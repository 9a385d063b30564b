import Glibc
import JobSystem

/// Watches one command from its start until nothing of it is left.
///
/// Blocks its thread, which is the process's only one.
struct StepSupervisor {
    /// How long it tries to kill what goes on starting processes; then the step is over, and others go on trying.
    private static let patience = Duration.seconds(10)

    private enum Watch {
        /// Between looks at the size of the directory and at the memory of the command.
        static let interval: Duration = .milliseconds(100)
    }

    private let order: StepOrder
    private let started = ContinuousClock.now
    private var command: pid_t = 0
    /// `wait` status of the command once it has ended.
    private var status: CInt?
    private var memory = MemoryWatch()
    private var output: OutputWatch?

    init(_ order: StepOrder, watching directory: Directory) {
        self.order = order
        output = OutputWatch(directory, limit: order.limits.outputBytes)
    }

    /// How a command and everything below it came to its end.
    struct End {
        let exit: StepExit
        /// False when there are processes left that could not be ended in time.
        let isOver: Bool
    }

    /// Runs the command to its end.
    mutating func run() -> End {
        // Free before the daemon hears of the end: the run's next step takes it.
        defer { close(StepExec.lockDescriptor) }
        guard (try? Machine.becomeSubreaper()) != nil, let children = try? Descriptors.childSignals() else {
            return End(exit: .lost, isOver: true)
        }
        // Whoever needs memory most takes it from a step first, and not from the daemon.
        Machine.offerMemory()
        do throws(SystemError) {
            command = try start()
        } catch {
            return End(exit: StepExit(error), isOver: true)
        }
        // Only the command holds its output now, so the daemon sees its end.
        close(1)
        close(2)
        let cause = wait(for: children)
        let killed = endEverything(gently: cause != nil, children: children)
        return End(exit: conclusion(cause, killed: killed), isOver: !Descendants.areLeft)
    }

    /// Starts the command; returns its process.
    func start() throws(SystemError) -> pid_t {
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        guard let path = ProgramPath.find(order.command[0], in: order.environment["PATH"] ?? "") else {
            throw SystemError("execve", errno: ENOENT)
        }
        var spawn = Spawn(
            path: path, arguments: order.command, environment: order.environment,
            descriptors: [null, 1, 2, StepExec.lockDescriptor])
        spawn.directory = order.workDirectory
        spawn.hasOwnGroup = true
        spawn.hasNoNewPrivileges = true
        spawn.parentDeathSignal = SIGKILL
        spawn.limits = limits
        let command = try spawn.start()
        // Behind the daemon, and behind this process.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(command), 10)
        return command
    }

    private var limits: [(resource: CInt, value: UInt64)] {
        var limits: [(resource: CInt, value: UInt64)] = [(CInt(RLIMIT_CORE.rawValue), 0)]
        func add(_ resource: __rlimit_resource, _ value: Int64?) {
            if let value, value >= 0 { limits.append((CInt(resource.rawValue), UInt64(value))) }
        }
        add(RLIMIT_AS, order.limits.memoryBytes)
        add(RLIMIT_FSIZE, order.limits.outputBytes)
        add(RLIMIT_CPU, order.limits.cpu.map { max(1, $0.milliseconds / 1000) })
        return limits
    }

    // MARK: Watching

    /// Returns why the command must be ended, nil when it has ended by itself.
    private mutating func wait(for children: CInt) -> StepExit? {
        let deadline = order.limits.timeout.map { started + $0 }
        while true {
            let rest = min(deadline.map { $0 - .now } ?? Watch.interval, Watch.interval)
            let events = Polling.wait([StepExec.controlDescriptor, children], for: rest)
            reap(children)
            if status != nil { return nil }
            if events[0] { return .cancelled(killed: false) }
            if let deadline, .now >= deadline { return .timeout }
            memory.look(at: command)
            if output?.isExceeded() == true { return .outputLimit }
        }
    }

    /// Takes note of every child that has ended.
    private mutating func reap(_ children: CInt) {
        Polling.empty(children)
        var result: CInt = 0
        var usage = rusage()
        while case let child = wait4(-1, &result, WNOHANG, &usage), child > 0 {
            guard child == command else { continue }
            status = result
            memory.note(residentKilobytes: usage.ru_maxrss)
        }
    }

    // MARK: Ending

    /// Ends all descendants, and returns whether that needed SIGKILL.
    private mutating func endEverything(gently: Bool, children: CInt) -> Bool {
        if gently { askToEnd(children: children) }
        let needsForce = Descendants.areLeft
        let deadline = ContinuousClock.now + Self.patience
        while Descendants.areLeft, .now < deadline {
            Extinction.end(Descendants.ofThisProcess().map(\.process))
            _ = Polling.wait(children, for: .milliseconds(20))
            reap(children)
        }
        return needsForce
    }

    /// Sends SIGTERM once to each descendant that there is now, and waits for the grace period at most.
    ///
    /// One look can miss a process whose parent ends meanwhile, so it looks again; what descendants start to clean up
    /// behind themselves is left alone.
    private mutating func askToEnd(children: CInt) {
        let begin = ProcessTable.now
        let deadline = ContinuousClock.now + order.limits.grace
        var asked: Set<pid_t> = []
        while Descendants.areLeft, .now < deadline {
            for descendant in Descendants.ofThisProcess() where descendant.started <= begin {
                if asked.insert(descendant.process).inserted { kill(descendant.process, SIGTERM) }
            }
            _ = Polling.wait(children, for: min(deadline - .now, Watch.interval))
            reap(children)
        }
    }

    private func conclusion(_ cause: StepExit?, killed: Bool) -> StepExit {
        switch cause {
        case .cancelled: return .cancelled(killed: killed)
        case let cause?: return cause
        case nil: break
        }
        guard let status else { return .lost }
        return StepExit(status: status, isNearMemory: order.limits.memoryBytes.map(memory.isNear) ?? false)
    }
}
