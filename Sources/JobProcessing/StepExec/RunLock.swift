import Glibc
import JobSystem

/// The lock of a run's directory, held by everything that the run has started: whoever holds it is found by fact.
package enum RunLock {
    private static func path(in directory: String) -> String { "\(directory)/lock" }

    /// Takes the lock in a descriptor that children inherit; nil when somebody holds it.
    static func take(in directory: String) -> CInt? {
        let descriptor = open(path(in: directory), O_RDWR | O_CREAT, 0o600)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Ends whatever still holds a directory's lock: SIGTERM, and SIGKILL after the grace period.
    ///
    /// Blocks until the lock is free. Only processes that have the lock file open are signalled.
    ///
    /// - Returns: The processes that were ended.
    @discardableResult
    package static func free(_ directory: String, grace: Duration = .seconds(5)) -> [Int32] {
        var ended: Set<pid_t> = []
        let deadline = ContinuousClock.now + grace
        while let status = lockFile(in: directory) {
            if let descriptor = take(in: directory) {
                close(descriptor)
                break
            }
            let holders = holders(of: status)
            let isNew = holders.contains { !ended.contains($0) }
            if isNew || .now >= deadline {
                for holder in holders { kill(holder, .now >= deadline ? SIGKILL : SIGTERM) }
            }
            ended.formUnion(holders)
            _ = Polling.wait([], for: .milliseconds(10))
        }
        return ended.sorted()
    }

    private static func lockFile(in directory: String) -> stat? {
        var status = stat()
        return lstat(path(in: directory), &status) == 0 ? status : nil
    }

    private static func holders(of lock: stat) -> [pid_t] {
        let own = getpid()
        return ProcessTable.processes.filter { process in
            guard process != own else { return false }
            return Directory.names(at: "/proc/\(process)/fd").contains { name in
                var status = stat()
                return stat("/proc/\(process)/fd/\(name)", &status) == 0
                    && status.st_ino == lock.st_ino && status.st_dev == lock.st_dev
            }
        }
    }
}
