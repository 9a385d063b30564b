import CJobSystem
package import Glibc

/// Pipes, sockets and the like; all of them are closed on exec, and their owners close them.
package enum Descriptors {
    /// A pipe(2): the end to read from, and the one to write to.
    package static func pipe() throws(SystemError) -> (read: CInt, write: CInt) {
        var ends: [CInt] = [-1, -1]
        try SystemError.check("pipe", pipe_pair(&ends))
        return (ends[0], ends[1])
    }

    /// How many bytes a pipe can hold; 0 for what is not a pipe.
    package static func capacity(ofPipe descriptor: CInt) -> Int { max(0, Int(pipe_capacity(descriptor))) }

    /// A stream socket of a family, `AF_…`, that is closed on exec.
    package static func streamSocket(_ family: CInt) throws(SystemError) -> CInt {
        let flags = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        return try SystemError.check("socket", Glibc.socket(family, flags, 0))
    }

    /// A socketpair(2) of Unix sockets.
    package static func socketPair(_ type: __socket_type) throws(SystemError) -> (CInt, CInt) {
        var pair: [CInt] = [-1, -1]
        let flags = CInt(type.rawValue | SOCK_CLOEXEC.rawValue)
        try SystemError.check("socketpair", socketpair(AF_UNIX, flags, 0, &pair))
        return (pair[0], pair[1])
    }

    /// Lets a send over a socket wait so long at most; then it fails with EAGAIN.
    package static func limitSending(over socket: CInt, to time: Duration) {
        let milliseconds = max(1, time.milliseconds)
        var limit = timeval(tv_sec: Int(milliseconds / 1000), tv_usec: Int(milliseconds % 1000) * 1000)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// An eventfd(2) that never blocks.
    package static func event() throws(SystemError) -> CInt { try SystemError.check("eventfd", event_descriptor()) }

    /// Takes the next connection of a listening socket, as a descriptor that blocks.
    ///
    /// - Throws: ``SystemError``; EAGAIN when no connection waits and the listening socket does not block.
    package static func accept(from listener: CInt) throws(SystemError) -> CInt {
        try SystemError.check("accept", accept_connection(listener))
    }

    /// Readable whenever a child has changed its state; blocks SIGCHLD.
    package static func childSignals() throws(SystemError) -> CInt {
        try SystemError.check("signalfd", child_signal_descriptor())
    }

    /// Sends copies of at most 16 descriptors as one message over a Unix socket.
    package static func send(_ descriptors: [CInt], over socket: CInt) throws(SystemError) {
        try SystemError.check("sendmsg", send_descriptors(socket, descriptors, CInt(descriptors.count)))
    }

    /// Waits for a message of ``send(_:over:)`` and takes its descriptors, at most 16.
    ///
    /// - Returns: None when the message brought none; nil when nobody is left who could send.
    package static func receive(over socket: CInt) throws(SystemError) -> [CInt]? {
        var descriptors = [CInt](repeating: -1, count: 16)
        let count = receive_descriptors(socket, &descriptors, CInt(descriptors.count))
        if count < 0, errno == 0 { return nil }
        try SystemError.check("recvmsg", count)
        return Array(descriptors.prefix(Int(count)))
    }

    /// Makes these this process's descriptors 0, 1, 2, …, at most 16, and closes all others.
    package static func place(_ descriptors: [CInt]) throws(SystemError) {
        try SystemError.check("close_range", place_descriptors(descriptors, CInt(descriptors.count)))
    }

    /// Closes a file that is locked by flock(2), and gives the lock back at once.
    ///
    /// Closing alone would leave it to a child that is just being started and still has a copy. Not for a lock that a child
    /// is to keep: it goes with the first of all copies that is closed so.
    package static func closeUnlocked(_ descriptor: CInt) {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Writes all bytes to a descriptor that blocks.
    package static func writeAll(
        _ bytes: UnsafeRawBufferPointer, to descriptor: CInt, _ subject: String = ""
    ) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw SystemError("write", subject)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    package static func writeAll(
        _ bytes: some Collection<UInt8>, to descriptor: CInt, _ subject: String = ""
    ) throws(SystemError) {
        var failure: SystemError?
        Array(bytes).withUnsafeBytes { buffer in
            do throws(SystemError) { try writeAll(buffer, to: descriptor, subject) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Has the disk begin with a part of a file, and does not wait for it; what is there stays in memory.
    package static func beginWriting(_ descriptor: CInt, from start: Int, count: Int) {
        _ = begin_writing(descriptor, start, count)
    }

    /// Copies a whole file to an empty one: no byte where the file system can share them (btrfs, XFS).
    package static func copyFile(from source: CInt, to target: CInt, _ subject: String = "") throws(SystemError) {
        if share_bytes(source, target) == 0 { return }
        var count = 1
        while count != 0 {
            count = sendfile(target, source, nil, 1 << 24)
            if count < 0, errno != EINTR { throw SystemError("sendfile", subject) }
        }
    }

    /// Allows this process, and so each of its children, as many as the system does, up to 65,536.
    ///
    /// - Returns: How many are allowed now.
    package static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 65_536))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
