import Dispatch
import Glibc
import Synchronization

/// A process from which others are forked, for one piece of work or several: the executable, started and linked once.
///
/// It is one thread that waits for descriptors. When this object or its own process goes, its socket is closed, and a child ends
/// once the last one that it has forked has. Methods may be called from any thread.
package final class ForkServer: Sendable {
    /// Where the process comes from.
    package enum Origin: Hashable, Sendable {
        /// Started from an executable, with these words behind its name.
        case child(executable: String, words: [String])
        /// A service of its own, which listens at this path and outlives this process.
        case unit(socket: String)
    }

    private struct Connection {
        /// Nil for a service.
        let process: pid_t?
        let socket: CInt
        var greeting: UInt8 = 0

        /// Kills a child; what it has forked outlives it.
        func end() {
            guard let process, kill(process, SIGKILL) == 0 else { return letGo() }
            close(socket)
            while waitpid(process, nil, 0) < 0, errno == EINTR {}
        }

        /// Has a child end by itself, once what it has forked has ended.
        func letGo() {
            close(socket)
            guard let process else { return }
            DispatchQueue.global().async { while waitpid(process, nil, 0) < 0, errno == EINTR {} }
        }
    }

    package let origin: Origin
    /// How long it may take to read what it was sent.
    private let patience: Duration
    private let connection = Mutex<Connection?>(nil)

    /// Makes one that is not started yet.
    ///
    /// - Parameters:
    ///   - origin: Where the process comes from.
    ///   - patience: How long it may take to read what it was sent before it is replaced.
    package init(_ origin: Origin, patience: Duration = .seconds(5)) {
        self.origin = origin
        self.patience = patience
    }

    /// Whether a descriptor is the other end: the one on which descriptors come, or on which such ends are asked for.
    package static func isOther(_ descriptor: CInt) -> Bool {
        var type: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0
            && type == CInt(SOCK_SEQPACKET.rawValue)
    }

    /// What a service greeted with; 0 of a child, and while nobody is connected.
    package var greeting: UInt8 { connection.withLock { $0?.greeting ?? 0 } }

    /// Starts the process, if there is none yet, so that nobody has to wait for it later; where it cannot be, the first fork says so.
    package func warmUp() {
        connection.withLock { if $0 == nil { $0 = try? start() } }
    }

    /// Hands copies of these descriptors to a process that is forked for them, or to one that has done its work before.
    ///
    /// That they were sent does not say that somebody has them: whoever gets them says himself that he has begun.
    package func fork(_ descriptors: [CInt]) throws(SystemError) { try send(descriptors) }

    /// Has a supervisor of a step killed that does not end by itself, and everything below it: the one that has the other end of
    /// this status pipe.
    ///
    /// - Returns: False when nobody is there who could: then what holds the run's lock is all that can be found.
    package func end(_ status: CInt) -> Bool {
        // One that does not run itself is replaced with the next fork.
        let isStopped = connection.withLock { connection in
            guard let process = connection?.process, ProcessTable.isStopped(process) else { return false }
            connection?.end()
            connection = nil
            return true
        }
        return !isStopped && (try? send([status])) != nil
    }

    /// Ends the connection to a process that does not do its work, and a child with it; the next fork makes another.
    package func replace() {
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
        switch origin {
        case .child(let executable, let words): try startChild(executable, words)
        case .unit(let path): try connect(to: path)
        }
    }

    private func connect(to path: String) throws(SystemError) -> Connection {
        let address = try UnixAddress(path)
        let flags = CInt(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        let socket = try SystemError.check("socket", Glibc.socket(AF_UNIX, flags, 0))
        // Holds for connect(2), too, which waits where too many have connected and nobody accepts.
        Descriptors.limitSending(over: socket, to: patience)
        guard address.with({ Glibc.connect(socket, $0, $1) }) == 0 else { throw closing(socket, errno) }
        // Nothing is sent before somebody is there who takes it: a run's lock would be on its way for as long.
        guard Polling.wait(socket, for: patience) else { throw closing(socket, ETIMEDOUT) }
        var greeting: UInt8 = 0
        guard recv(socket, &greeting, 1, 0) == 1 else { throw closing(socket, ECONNRESET) }
        return Connection(process: nil, socket: socket, greeting: greeting)

        func closing(_ socket: CInt, _ errno: CInt) -> SystemError {
            close(socket)
            return SystemError("connect", path, errno: errno)
        }
    }

    private func startChild(_ executable: String, _ words: [String]) throws(SystemError) -> Connection {
        let (own, other) = try Descriptors.socketPair(SOCK_SEQPACKET)
        defer { close(other) }
        // One that somebody has stopped reads nothing, and its socket holds some hundreds of messages.
        Descriptors.limitSending(over: own, to: patience)
        // Its environment has nothing of this process's. It links every symbol at its start, so that what it forks links none.
        // What the linker complains of goes to this process's log.
        var spawn = Spawn(
            path: executable, arguments: ["jobd"] + words, environment: ["LD_BIND_NOW": "1"],
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
        // It may still see to the ends of others.
        connection.withLock { $0?.letGo() }
    }
}
