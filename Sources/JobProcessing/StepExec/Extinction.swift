import Glibc
import JobSystem

/// Ends processes that may be starting others meanwhile.
enum Extinction {
    /// Stops them all, with their process groups, before it kills them, so that fewer can start others in between.
    ///
    /// A signal to a group reaches every process in it at once; one that is just being forked is in the group, too.
    static func end(_ processes: [pid_t]) {
        let own = getpgrp()
        let groups = Set(processes.map { getpgid($0) }).filter { $0 > 1 && $0 != own }
        for signal in [SIGSTOP, SIGKILL] {
            for group in groups { kill(-group, signal) }
            for process in processes where process > 1 { kill(process, signal) }
        }
    }
}
