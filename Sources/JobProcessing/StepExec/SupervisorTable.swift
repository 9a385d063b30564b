import Glibc
import JobSystem

/// The supervisors that this process has forked, and what they have left behind.
///
/// One whose command has ended by itself, with nothing left below it, says so and is given the next step; it is let go when none
/// comes for a while.
///
/// A supervisor that was killed can end nothing any more; its descendants become children of this process, which ends them.
/// Until then it keeps the status pipe open, by which the daemon knows that the step is not over.
struct SupervisorTable {
    /// With what a supervisor exits that could not end everything below it.
    static let leftOver: CInt = 3

    private struct Supervisor {
        let process: pid_t
        /// Over which it says that it is idle, and gets its next step; -1 when it gets none.
        var socket: CInt
        /// A copy of its end of the pipe; -1 while it is idle.
        var status: CInt
        /// Since when it has had no step; nil while it has one.
        var idle: ContinuousClock.Instant?
        /// Since when it has been gone with something below it left; nil while it runs.
        var gone: ContinuousClock.Instant?
    }

    /// How long the end of a step waits for what a killed supervisor has left.
    private static let patience = Duration.seconds(10)
    /// How long a supervisor stays idle.
    private static let rest = Duration.seconds(1)

    private var supervisors: [Supervisor] = []
    private let groups: StepGroups?
    /// Supervisors that are gone, and whose steps' groups are not.
    private var leaving: [pid_t] = []
    /// Whether there may be processes here whose supervisor is gone.
    private var hasOrphans = false

    init(_ groups: StepGroups?) { self.groups = groups }

    var isEmpty: Bool { supervisors.isEmpty }

    /// Until the next look at what is left or idle; nil when only the end of a child asks for one.
    var interval: Duration? {
        if hasOrphans || !leaving.isEmpty { return .milliseconds(20) }
        return supervisors.compactMap(\.idle).min().map { max(.zero, $0 + Self.rest - .now) }
    }

    /// On which supervisors say that they are idle.
    var watched: [CInt] { supervisors.filter { $0.idle == nil && $0.socket >= 0 }.map(\.socket) }

    /// Takes note of one that was forked, with its other end of `socket`, for a step with this pipe.
    mutating func add(_ process: pid_t, socket: CInt, status: CInt) {
        supervisors.append(Supervisor(process: process, socket: socket, status: Self.copy(status)))
    }

    private static func copy(_ status: CInt) -> CInt { fcntl(status, F_DUPFD_CLOEXEC, 0) }

    /// Gives a step to a supervisor that is idle; false when all work.
    mutating func giveToIdle(_ ends: [CInt], status: CInt) -> Bool {
        while let index = supervisors.lastIndex(where: { $0.idle != nil }) {
            supervisors[index].idle = nil
            if (try? Descriptors.send(ends, over: supervisors[index].socket)) != nil {
                supervisors[index].status = Self.copy(status)
                return true
            }
            letGo(index)
        }
        return false
    }

    /// Takes the word of a supervisor that it is idle; one without a word ends.
    mutating func hear(from socket: CInt) {
        guard let index = supervisors.firstIndex(where: { $0.socket == socket }) else { return }
        var byte: UInt8 = 0
        let isIdle = recv(socket, &byte, 1, 0) == 1
        guard isIdle else { return letGo(index) }
        close(supervisors[index].status)
        supervisors[index].status = -1
        supervisors[index].idle = .now
        // Something is still in its step's group, which the next step would get.
        if let groups, !groups.remove(of: supervisors[index].process) { letGo(index) }
    }

    /// Lets those go that have been idle for long; with `all`, every idle one.
    mutating func letGoIdle(all: Bool = false) {
        let now = ContinuousClock.now
        for (index, supervisor) in supervisors.enumerated() {
            if let idle = supervisor.idle, all || now >= idle + Self.rest { letGo(index) }
        }
    }

    /// Gives it no further step: one that is idle ends.
    private mutating func letGo(_ index: Int) {
        close(supervisors[index].socket)
        supervisors[index].socket = -1
        supervisors[index].idle = nil
    }

    /// Kills the supervisor that writes to this pipe.
    func kill(byStatus descriptor: CInt) {
        guard let pipe = FileNode(descriptor) else { return }
        for supervisor in supervisors where supervisor.gone == nil && FileNode(supervisor.status) == pipe {
            Glibc.kill(supervisor.process, SIGKILL)
        }
    }

    /// Takes leave of children that have ended, lets supervisors go on that somebody has stopped, and ends orphans.
    mutating func lookAfter() {
        var status: CInt = 0
        while case let process = waitpid(-1, &status, WNOHANG | WUNTRACED), process > 0 {
            guard let index = supervisors.firstIndex(where: { $0.process == process }) else { continue }
            if status & 0xFF == 0x7F {
                Glibc.kill(process, SIGCONT)
                continue
            }
            if groups != nil { leaving.append(process) }
            letGo(index)
            if status == 0 {
                close(supervisors.remove(at: index).status)
            } else {
                hasOrphans = true
                supervisors[index].gone = .now
                if status == Self.leftOver << 8 { close(supervisors.remove(at: index).status) }
            }
        }
        if hasOrphans { endOrphans() }
        if let groups { leaving.removeAll(where: groups.remove(of:)) }
    }

    private mutating func endOrphans() {
        let running = Set(supervisors.filter { $0.gone == nil }.map(\.process))
        let orphans = Descendants.ofThisProcess(without: running)
        Extinction.end(orphans.map(\.process))
        hasOrphans = !orphans.isEmpty
        supervisors.removeAll { supervisor in
            guard let gone = supervisor.gone, !hasOrphans || .now >= gone + Self.patience else { return false }
            close(supervisor.status)
            return true
        }
    }
}
