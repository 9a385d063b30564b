import Glibc

/// Waiting for descriptors, for threads that may block.
package enum Polling {
    /// Returns which of the descriptors can be read or have ended; all false when the time has passed.
    ///
    /// No time at all is only a look; nil is for ever.
    package static func wait(_ descriptors: [CInt], for time: Duration?) -> [Bool] {
        var polls = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let end = time.map { SuspendingClock.now + $0 }
        while true {
            let rest = end.map { $0 - .now }
            let milliseconds = rest.map { $0 > .zero ? CInt(clamping: $0.milliseconds + 1) : 0 } ?? -1
            let count = poll(&polls, nfds_t(polls.count), milliseconds)
            // A process that was stopped and goes on has been interrupted, and has waited for nothing.
            if count < 0, errno == EINTR { continue }
            return count > 0 ? polls.map { $0.revents != 0 } : descriptors.map { _ in false }
        }
    }

    /// Takes everything out of a descriptor that does not block.
    package static func empty(_ descriptor: CInt) {
        var buffer = [UInt8](repeating: 0, count: 1024)
        while read(descriptor, &buffer, buffer.count) > 0 {}
    }
}
