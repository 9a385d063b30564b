import Glibc
import JobSystem

/// The supervisors that this process has forked, and what they have left behind.
///
/// A supervisor that was killed can end nothing any more; its descendants become children of this process, which ends them.
/// Until then it keeps the status pipe open, by which the daemon knows that the step is not over.
struct SupervisorTable {
    /// With what a supervisor exits that could not end everything below it.
    static let leftOver: CInt = 3

    private struct Supervisor {
        let process: pid_t
        /// A copy of its end of the pipe.
        let status: CInt
        /// Since when it has been gone with something below it left; nil while it runs.
        var gone: ContinuousClock.Instant?
    }

    /// How long the end of a step waits for what a killed supervisor has left.
    private static let patience = Duration.seconds(10)

    private var supervisors: [Supervisor] = []
    private let groups: StepGroups?
    /// Supervisors that are gone, and whose steps' groups are not.
    private var leaving: [pid_t] = []
    /// Whether there may be processes here whose supervisor is gone.
    private var hasOrphans = false

    init(_ groups: StepGroups?) { self.groups = groups }

    var isEmpty: Bool { supervisors.isEmpty }

    /// Between looks at what is left; nil when only the end of a child asks for one.
    var interval: Duration? { hasOrphans || !leaving.isEmpty ? .milliseconds(20) : nil }

    mutating func add(_ process: pid_t, status: CInt) {
        supervisors.append(Supervisor(process: process, status: fcntl(status, F_DUPFD_CLOEXEC, 0)))
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
