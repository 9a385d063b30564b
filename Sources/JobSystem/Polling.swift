import Glibc

/// Waiting for descriptors, for threads that may block.
///
/// No time at all is only a look; nil is for ever. A process that was stopped and goes on waits for the rest of the time.
package enum Polling {
    /// Returns whether a descriptor can be read or has ended; false when the time has passed.
    package static func wait(_ descriptor: CInt, for time: Duration?) -> Bool {
        var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        wait(&one, 1, for: time)
        return one.revents != 0
    }

    /// Returns which of the descriptors can be read or have ended; all false when the time has passed.
    package static func wait(_ descriptors: [CInt], for time: Duration?) -> [Bool] {
        var polls = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        wait(&polls, polls.count, for: time)
        return polls.map { $0.revents != 0 }
    }

    private static func wait(_ polls: UnsafeMutablePointer<pollfd>, _ count: Int, for time: Duration?) {
        let end = time.map { SuspendingClock.now + $0 }
        while true {
            let rest = end.map { $0 - .now }
            let milliseconds = rest.map { $0 > .zero ? CInt(clamping: $0.milliseconds + 1) : 0 } ?? -1
            guard poll(polls, nfds_t(count), milliseconds) < 0, errno == EINTR else { return }
        }
    }

    /// Takes everything out of a descriptor that does not block.
    package static func empty(_ descriptor: CInt) {
        var buffer = [UInt8](repeating: 0, count: 1024)
        while read(descriptor, &buffer, buffer.count) > 0 {}
    }
}
