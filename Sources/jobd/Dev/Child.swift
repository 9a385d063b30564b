import Glibc
import JobSystem

/// A part and its process, if it has one.
struct Child {
    /// A part is not started more often than this, so that one that cannot run does not keep a core busy.
    private static let pause = Duration.milliseconds(100)
    /// So often a part may fail by itself before everything was ready once; more often will not help.
    private static let failureLimit = 20
    /// What a part says that read a wrong configuration (`EX_CONFIG`).
    private static let configurationError: CInt = 78

    let part: Part
    /// Nil while it does not run.
    private(set) var id: pid_t?
    /// When it is to be started; nil while it runs, and when it is not to run again.
    private(set) var startsAt: ContinuousClock.Instant?
    private var startedAt: ContinuousClock.Instant
    private var failures = 0
    private var hasWrongConfiguration = false

    init(part: Part) {
        self.part = part
        startedAt = .now
        startsAt = startedAt
    }

    func isDue(at now: ContinuousClock.Instant) -> Bool { startsAt.map { $0 <= now } ?? false }

    /// A part that was killed is started again always, one that fails by itself only if it ever was of use.
    func hasFailedForGood(beforeReady: Bool) -> Bool {
        beforeReady && (hasWrongConfiguration || failures >= Self.failureLimit)
    }

    mutating func start(at now: ContinuousClock.Instant) {
        startedAt = now
        startsAt = nil
        do {
            id = try part.spawn.start()
        } catch {
            Message.write("\(part.name) cannot be started: \(error)")
            failures += 1
            restart()
        }
    }

    /// Notes how it ended, and ends what is left of its group.
    mutating func end(_ end: ProcessEnd) {
        if part.facesStrangers { send(SIGKILL) }
        id = nil
        Message.write("\(part.name) ended: \(end)")
        guard case .exited(let code) = end, code != 0 else { return }
        failures += 1
        hasWrongConfiguration = code == Self.configurationError
    }

    /// Has it started again, at once if it ran for a while.
    mutating func restart() { startsAt = startedAt + Self.pause }

    /// The processes of a front are killed together; everything else is between the part and its own children.
    func send(_ signal: CInt) {
        guard let id else { return }
        kill(part.facesStrangers && signal == SIGKILL ? -id : id, signal)
    }
}

/// How a process ended.
enum ProcessEnd: CustomStringConvertible {
    case exited(CInt)
    case killed(CInt)

    /// From what waitpid(2) gives.
    init(status: CInt) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal)
    }

    var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .killed(let signal): String(cString: strsignal(signal))
        }
    }
}
