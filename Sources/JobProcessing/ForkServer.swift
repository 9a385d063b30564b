import Glibc
import JobSystem
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

    /// Starts the process, if there is none yet, so that no step has to wait for it; where it cannot be, the step says so.
    package func warmUp() {
        connection.withLock { if $0 == nil { $0 = try? start() } }
    }

    /// Makes a supervisor with copies of these descriptors as its own, from 0.
    func fork(_ descriptors: [CInt]) throws(SystemError) {
        try connection.withLock { connection throws(SystemError) in
            // One that somebody has killed is replaced.
            for isLast in [false, true] {
                if connection == nil { connection = try start() }
                guard let server = connection else { continue }
                do throws(SystemError) {
                    return try Descriptors.send(descriptors, over: server.socket)
                } catch {
                    server.end()
                    connection = nil
                    guard !isLast, error.errno == EPIPE || error.errno == ECONNRESET else { throw error }
                }
            }
        }
    }

    private func start() throws(SystemError) -> Connection {
        let (own, other) = try Descriptors.socketPair(SOCK_SEQPACKET)
        defer { close(other) }
        // Nothing of the daemon's environment gets to a step; what the linker complains of gets to the daemon's log.
        var spawn = Spawn(
            path: executable, arguments: ["jobd", "step-exec"], environment: [:],
            descriptors: [other, STDERR_FILENO, STDERR_FILENO])
        spawn.hasOwnGroup = true
        do throws(SystemError) {
            return Connection(process: try spawn.start(), socket: own)
        } catch {
            close(own)
            throw error
        }
    }

    deinit { connection.withLock { $0?.end() } }
}
