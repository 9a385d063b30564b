import Dispatch
import Glibc
import JobSystem
import Synchronization

/// The process from which the supervisors of steps are forked: the executable, started and linked once.
///
/// It is one thread that waits for descriptors. When this object or the daemon goes, its socket is closed, and it ends once
/// the last supervisor has. Methods may be called from any thread.
package final class ForkServer: Sendable {
    private struct Connection {
        let process: pid_t
        let socket: CInt

        /// Kills the process: its supervisors outlive it, and end with their own control sockets.
        func end() {
            close(socket)
            kill(process, SIGKILL)
            while waitpid(process, nil, 0) < 0, errno == EINTR {}
        }
    }

    private let executable: String
    private let hasNetwork: Bool
    /// How long it may take to read what it was sent.
    private let patience: Duration
    private let connection = Mutex<Connection?>(nil)

    /// Makes one that is not started yet.
    ///
    /// - Parameters:
    ///   - executable: The one that has `step-exec`.
    ///   - hasNetwork: Whether its steps see the daemon's network.
    ///   - patience: How long it may take to read what it was sent before it is replaced.
    package init(executable: String, hasNetwork: Bool = true, patience: Duration = .seconds(5)) {
        self.executable = executable
        self.hasNetwork = hasNetwork
        self.patience = patience
    }

    /// Starts the process, if there is none yet, so that no step has to wait for it; where it cannot be, the step says so.
    package func warmUp() {
        connection.withLock { if $0 == nil { $0 = try? start() } }
    }

    /// Makes a supervisor with copies of these descriptors as its own, from 0.
    ///
    /// That the process was sent them does not say that it has forked: a supervisor says itself that it has begun.
    func fork(_ descriptors: [CInt]) throws(SystemError) { try send(descriptors) }

    /// Has a supervisor killed that does not end by itself, and everything below it: the one that has the other end of this
    /// status pipe.
    ///
    /// - Returns: False when nobody is there who could: then what holds the run's lock is all that can be found.
    func end(_ status: CInt) -> Bool {
        // One that does not run itself is replaced with the next fork.
        let isStopped = connection.withLock { connection in
            guard let process = connection?.process, ProcessTable.isStopped(process) else { return false }
            connection?.end()
            connection = nil
            return true
        }
        return !isStopped && (try? send([status])) != nil
    }

    /// Ends the process, which does not do its work; the next fork starts another.
    func replace() {
        connection.withLock { connection in
            connection?.end()
            connection = nil
        }
    }

    private func send(_ descriptors: [CInt]) throws(SystemError) {
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
        // One that somebody has stopped reads nothing, and its socket holds some hundreds of messages.
        Descriptors.limitSending(over: own, to: patience)
        // Nothing of the daemon's environment gets to a step; what the linker complains of gets to the daemon's log.
        var spawn = Spawn(
            path: executable, arguments: ["jobd", "step-exec"] + (hasNetwork ? [] : [StepExec.withoutNetwork]),
            environment: [:],
            descriptors: [other, STDERR_FILENO, STDERR_FILENO])
        spawn.hasOwnGroup = true
        do throws(SystemError) {
            return Connection(process: try spawn.start(), socket: own)
        } catch {
            close(own)
            throw error
        }
    }

    deinit {
        connection.withLock { connection in
            guard let connection else { return }
            close(connection.socket)
            // It may still see to the ends of supervisors.
            DispatchQueue.global().async { while waitpid(connection.process, nil, 0) < 0, errno == EINTR {} }
        }
    }
}
