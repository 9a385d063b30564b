import Glibc
import JobSystem

/// Watches one command in a room of its own: whatever it starts ends with the room, which the kernel sees to.
///
/// Blocks its thread, which is the process's only one.
struct RoomSupervisor {
    private let order: StepOrder
    private let room: Room
    private let surroundings: RoomSurroundings
    private let started = ContinuousClock.now
    private var output: OutputWatch?

    /// Between looks at the size of the directory, at most.
    private static let interval = Duration.milliseconds(100)

    init(_ order: StepOrder, room: RoomOrder, in surroundings: RoomSurroundings, watching directory: Directory) {
        self.order = order
        var ownRoom = room.room
        ownRoom.memoryBytes = order.limits.memoryBytes
        ownRoom.unnamedBytes = order.limits.outputBytes
        ownRoom.group = surroundings.groups?.make(memoryBytes: order.limits.memoryBytes, processes: ownRoom.processes)
        self.room = ownRoom
        self.surroundings = surroundings
        output = OutputWatch(directory, limit: order.limits.outputBytes)
    }

    /// Runs the command to its end.
    mutating func run() -> StepExit {
        // Free before the daemon hears of the end: the run's next step takes it.
        defer { close(StepExec.lockDescriptor) }
        let running: Room.Running
        do throws(SystemError) {
            running = try start()
        } catch {
            if error.call == "execve" { return StepExit(error) }
            return error.isShortage ? .shortage(reason: "\(error)") : .noRoom(reason: "\(error)")
        }
        // Only the command holds its output now, so the daemon sees its end.
        close(1)
        close(2)
        let cause = wait(for: running)
        var isAsked = false
        if cause != nil {
            running.askToEnd()
            isAsked = Polling.wait(running.report, for: order.limits.grace)
        }
        return conclusion(cause, isAsked: isAsked, running.end())
    }

    private func start() throws(SystemError) -> Room.Running {
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        guard let path = ProgramPath.find(order.command[0], in: order.environment["PATH"] ?? "") else {
            throw SystemError("execve", errno: ENOENT)
        }
        var command = Spawn(
            path: path, arguments: order.command, environment: order.environment, descriptors: [null, 1, 2])
        command.directory = order.workDirectory
        command.limits = order.limits.ofRoom
        var room = room
        // A program that is not among the system's is there, too, since somebody has named it.
        if path.hasPrefix("/") { room.readable.append(path) }
        return try room.start(command, isWithoutNetwork: surroundings.isWithoutNetwork)
    }

    /// Returns why the command must be ended, nil when it has ended by itself.
    private mutating func wait(for running: Room.Running) -> StepExit? {
        let deadline = order.limits.timeout.map { started + $0 }
        while true {
            let rest = min(deadline.map { $0 - .now } ?? Self.interval, Self.interval)
            let events = Polling.wait([StepExec.controlDescriptor, running.report], for: rest)
            if events[1] { return nil }
            if events[0] { return .cancelled(killed: false) }
            if let deadline, .now >= deadline { return .timeout }
            if output?.isExceeded() == true { return .outputLimit }
        }
    }

    private func conclusion(_ cause: StepExit?, isAsked: Bool, _ end: Room.End) -> StepExit {
        switch cause {
        case .cancelled: return .cancelled(killed: !isAsked)
        case let cause?: return cause
        case nil: break
        }
        if room.group?.wasOverMemory == true { return .memory }
        switch end {
        case .failed(let error) where error.call == "execve" || error.call == "chdir": return StepExit(error)
        case .failed(let error):
            return error.isShortage ? .shortage(reason: "\(error)") : .noRoom(reason: "\(error)")
        case .tooMuchMemory: return .memory
        case .tooManyProcesses: return .processLimit
        case .tooManyDescriptors: return .descriptorLimit
        case .tooManyBytes: return .outputLimit
        case .killed: return .lost
        case .ended(let status, let peak):
            return StepExit(status: status, isNearMemory: isNear(peak))
        }
    }

    /// Whether a command that failed wanted more memory: the kernel refuses it before it has all of it.
    private func isNear(_ peakKilobytes: Int) -> Bool {
        guard let limit = order.limits.memoryBytes else { return false }
        return Int64(peakKilobytes) * 1024 >= limit / 10 * 8
    }
}

extension StepLimits {
    /// What the kernel sees to for each process in a room.
    var ofRoom: [(resource: CInt, value: UInt64)] {
        var limits: [(resource: CInt, value: UInt64)] = []
        func add(_ resource: __rlimit_resource, _ value: Int64?) {
            if let value, value >= 0 { limits.append((CInt(resource.rawValue), UInt64(value))) }
        }
        // What a process may write to, not what it reserves: Java and others reserve far more than they use.
        add(RLIMIT_DATA, memoryBytes)
        add(RLIMIT_FSIZE, outputBytes)
        add(RLIMIT_CPU, cpu.map { max(1, $0.milliseconds / 1000) })
        return limits
    }
}
