import CSpawn
import Glibc

/// The pipes between the daemon and a step's supervisor; closed with the last reference.
final class StepPipes {
    private enum End: Int, CaseIterable {
        case control, stdout, stderr, status
    }

    /// The ends that the supervisor gets as its descriptors 0 to 3.
    let supervisorEnds: [CInt]
    private var ownEnds: [CInt]
    private var supervisorEndsAreOpen = true

    /// Nil when there are no descriptors left.
    init?() {
        var ours: [CInt] = []
        var theirs: [CInt] = []
        for end in End.allCases {
            var pair: [CInt] = [-1, -1]
            guard pipe_pair(&pair) == 0 else {
                for descriptor in ours + theirs { close(descriptor) }
                return nil
            }
            // The supervisor reads the first and writes the others.
            theirs.append(end == .control ? pair[0] : pair[1])
            ours.append(end == .control ? pair[1] : pair[0])
        }
        for descriptor in ours { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        (ownEnds, supervisorEnds) = (ours, theirs)
    }

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
        let control = ownEnds[End.control.rawValue]
        if control >= 0 { close(control) }
        ownEnds[End.control.rawValue] = -1
    }

    deinit {
        closeSupervisorEnds()
        for descriptor in ownEnds where descriptor >= 0 { close(descriptor) }
    }
}
