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

    /// Starts the process, if there is none yet, so that no step has to wait for it; where it cannot be, the step says so.
    package func warmUp() {
        connection.withLock { if $0 == nil { $0 = try? start() } }
    }

    /// Makes a supervisor with copies of these descriptors as its own, from 0.
    func fork(_ descriptors: [CInt]) throws(Spawn.Failure) {
        let failure: Spawn.Failure? = connection.withLock { connection in
            do throws(Spawn.Failure) {
                // One that somebody has killed is replaced.
                for _ in 1...2 {
                    if connection == nil { connection = try start() }
                    guard let server = connection else { continue }
                    if send_descriptors(server.socket, descriptors, CInt(descriptors.count)) == 0 { return nil }
                    let failure = Spawn.Failure(call: "sendmsg", errno: errno)
                    server.end()
                    connection = nil
                    if failure.errno != EPIPE, failure.errno != ECONNRESET { return failure }
                }
                return Spawn.Failure(call: "sendmsg", errno: EPIPE)
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private func start() throws(Spawn.Failure) -> Connection {
        guard let (own, other) = UnixSockets.pair(SOCK_SEQPACKET) else {
            throw Spawn.Failure(call: "socketpair", errno: errno)
        }
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
            throw error
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
