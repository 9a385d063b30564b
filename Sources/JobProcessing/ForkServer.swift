import CSpawn
import Glibc
import Synchronization

/// The process from which the supervisors of steps are forked: the executable, started and linked once.
///
/// It is one thread that waits for descriptors. It ends when this object or the daemon does, since both close its socket;
/// the supervisors outlive it. Methods may be called from any thread.
package final class ForkServer: Sendable {
    private struct Connection {
        let process: pid_t
        let socket: CInt

        func end() {
            close(socket)
            while waitpid(process, nil, 0) < 0, errno == EINTR {}
        }
    }

    private let executable: String
    private let connection = Mutex<Connection?>(nil)

    /// - Parameter executable: The one that has `step-exec`.
    package init(executable: String) {
        self.executable = executable
    }

    /// Starts the process, if there is none yet, so that no step has to wait for it.
    package func warmUp() {
        connection.withLock { if $0 == nil { $0 = start() } }
    }

    /// Makes a supervisor with copies of these descriptors as its own, from 0; false when that cannot be.
    func fork(_ descriptors: [CInt]) -> Bool {
        connection.withLock { connection in
            // One that somebody has killed is replaced.
            for _ in 1...2 {
                if connection == nil { connection = start() }
                guard let server = connection else { return false }
                if send_descriptors(server.socket, descriptors, CInt(descriptors.count)) == 0 { return true }
                server.end()
                connection = nil
            }
            return false
        }
    }

    private func start() -> Connection? {
        guard let (own, other) = UnixSockets.pair(SOCK_SEQPACKET) else { return nil }
        defer { close(other) }
        // Nothing of the daemon's environment gets to a step; what the linker complains of gets to the daemon's log.
        var spawn = Spawn(
            path: executable, arguments: ["jobd", "step-exec"], environment: [:],
            descriptors: [other, STDERR_FILENO, STDERR_FILENO])
        spawn.hasOwnGroup = true
        do throws(Spawn.Failure) {
            return Connection(process: try spawn.start(), socket: own)
        } catch {
            close(own)
            return nil
        }
    }

    deinit { connection.withLock { $0?.end() } }
}

/// Connected Unix sockets, closed on exec.
enum UnixSockets {
    /// Nil when there are no descriptors left.
    static func pair(_ type: __socket_type) -> (CInt, CInt)? {
        var pair: [CInt] = [-1, -1]
        let flags = CInt(type.rawValue | SOCK_CLOEXEC.rawValue)
        return socketpair(AF_UNIX, flags, 0, &pair) == 0 ? (pair[0], pair[1]) : nil
    }
}
