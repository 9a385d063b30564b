import Glibc
package import JobSystem

/// The lock of a run's directory: whoever holds it is found by fact.
///
/// It is taken before a step's supervisor is told what to do, and everything that the step starts inherits it. The file stays
/// known to this object when a step removes its name.
package final class RunLock: Sendable {
    private let file: CInt
    private static let name: Directory.Name = "lock"

    /// Makes the lock of a fresh directory.
    package init(making directory: Directory) throws(SystemError) {
        file = try directory.open(Self.name, O_RDONLY | O_CREAT | O_EXCL, mode: 0o600)
    }

    /// The lock of a directory that somebody else has left; nil when there is none.
    package init?(in directory: Directory) {
        guard let file = (try? directory.open(Self.name, O_RDONLY | O_NONBLOCK)) ?? Self.fileWithoutName(in: directory)
        else { return nil }
        self.file = file
    }

    /// The file of a lock whose name was removed, from a process that has it open; nil when there is none.
    private static func fileWithoutName(in directory: Directory) -> CInt? {
        let removed = "\(directory.path)/lock (deleted)"
        var target = [CChar](repeating: 0, count: 4096)
        for process in ProcessTable.processes {
            for name in Directory.names(at: "/proc/\(process)/fd") {
                let path = "/proc/\(process)/fd/\(name)"
                let length = readlink(path, &target, target.count)
                guard length > 0, target[..<length].elementsEqual(removed.utf8.lazy.map { CChar(bitPattern: $0) })
                else { continue }
                let file = Glibc.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
                if file >= 0 { return file }
            }
        }
        return nil
    }

    deinit { close(file) }

    /// Takes the lock in a descriptor that is closed on exec; nil when somebody holds it.
    package func take() throws(SystemError) -> CInt? {
        // Opened anew: a lock belongs to one opening.
        let descriptor = try SystemError.check("open", open("/proc/self/fd/\(file)", O_RDONLY | O_CLOEXEC), of: "lock")
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private var isFree: Bool {
        do throws(SystemError) {
            guard let descriptor = try take() else { return false }
            Descriptors.closeUnlocked(descriptor)
            return true
        } catch {
            // Where it cannot be opened at all, nobody can be found by it either.
            return !error.isShortage
        }
    }

    /// Ends whatever still holds the lock: SIGTERM, and SIGKILL after the grace period.
    ///
    /// Blocks until the lock is free, however long that takes. Only processes that have the lock open are signalled.
    ///
    /// - Parameters:
    ///   - grace: Between the signals.
    ///   - onDelay: Called once when that takes longer than half a minute, with those that hold it.
    /// - Returns: The processes that were signalled.
    @discardableResult
    package func free(grace: Duration = .seconds(5), onDelay: ([Int32]) -> Void = { _ in }) -> [Int32] {
        var known: Set<pid_t> = []
        let started = ContinuousClock.now
        var isTold = false
        while !isFree {
            let seen = holders(among: ProcessTable.processes)
            // A child that was just being started had a copy of what this process has open, the lock included.
            Spawn.waitForStarts()
            let holders = holders(among: seen)
            let mayKill = ContinuousClock.now >= started + grace
            if mayKill {
                Extinction.end(holders)
            } else {
                for holder in holders where !known.contains(holder) { kill(holder, SIGTERM) }
            }
            known.formUnion(holders)
            if !isTold, ContinuousClock.now >= started + .seconds(30) {
                isTold = true
                onDelay(holders)
            }
            _ = Polling.wait([], for: mayKill ? .milliseconds(50) : .milliseconds(10))
        }
        return known.sorted()
    }

    /// Those of these processes that have the lock open; never this one.
    private func holders(among processes: [pid_t]) -> [pid_t] {
        guard let node = FileNode(file) else { return [] }
        let own = getpid()
        return processes.filter { process in
            guard process != own else { return false }
            return Directory.names(at: "/proc/\(process)/fd").contains { name in
                var status = stat()
                return stat("/proc/\(process)/fd/\(name)", &status) == 0 && FileNode(status) == node
            }
        }
    }
}
