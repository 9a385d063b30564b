import Glibc
import JobSystem

/// The control socket and the pipes between the daemon and a step's supervisor; closed with the last reference.
final class StepPipes {
    private enum End: Int, CaseIterable {
        case control, stdout, stderr, status
    }

    /// The ends that the supervisor gets as its descriptors 0 to 3.
    let supervisorEnds: [CInt]
    private var ownEnds: [CInt]
    private var supervisorEndsAreOpen = true

    /// - Throws: `SystemError`.
    init() throws(SystemError) {
        var ours: [CInt] = []
        var theirs: [CInt] = []
        do throws(SystemError) {
            for end in End.allCases {
                let (own, other) = end == .control ? try Descriptors.socketPair(SOCK_STREAM) : try Descriptors.pipe()
                ours.append(own)
                theirs.append(other)
                if end != .control { _ = fcntl(own, F_SETFL, O_NONBLOCK) }
            }
        } catch {
            for descriptor in ours + theirs { close(descriptor) }
            throw error
        }
        (ownEnds, supervisorEnds) = (ours, theirs)
    }

    var control: CInt { ownEnds[End.control.rawValue] }
    var stdout: CInt { ownEnds[End.stdout.rawValue] }
    var stderr: CInt { ownEnds[End.stderr.rawValue] }
    var status: CInt { ownEnds[End.status.rawValue] }

    /// Called once the supervisor has them.
    func closeSupervisorEnds() {
        guard supervisorEndsAreOpen else { return }
        supervisorEndsAreOpen = false
        for descriptor in supervisorEnds { close(descriptor) }
    }

    /// Tells the supervisor to end the command.
    func endControl() {
        if control >= 0 { close(control) }
        ownEnds[End.control.rawValue] = -1
    }

    deinit {
        closeSupervisorEnds()
        for descriptor in ownEnds where descriptor >= 0 { close(descriptor) }
    }
}
