import Glibc

/// A pipe with a name, on which a test waits for what other processes do.
package final class NamedPipe: Sendable {
    package let path: String
    private let descriptor: CInt

    package init(_ path: String) {
        self.path = path
        guard mkfifo(path, 0o600) == 0 else { preconditionFailure("\(path) cannot be made: \(errno)") }
        // Without waiting for a writer.
        descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    }

    /// Blocks until somebody has written a line.
    package func line() -> String {
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            var byte: UInt8 = 0
            if read(descriptor, &byte, 1) == 1 { line.append(byte) } else { wait() }
        }
        return String(decoding: line.dropLast(), as: UTF8.self)
    }

    /// Blocks until everybody who had it open for writing has closed it or ended; somebody has opened it before.
    package func end() -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while case let count = read(descriptor, &byte, 1), count != 0 {
            if count > 0 { bytes.append(byte) } else { wait() }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Lets somebody go on who reads from the pipe of this path.
    package static func release(_ path: String) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        _ = write(descriptor, "\n", 1)
        close(descriptor)
    }

    private func wait() {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&polled, 1, -1)
    }

    deinit { close(descriptor) }
}
