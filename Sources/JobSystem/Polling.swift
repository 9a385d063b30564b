import Glibc

/// Waiting for descriptors, for threads that may block.
package enum Polling {
    /// Returns which of the descriptors can be read or have ended; all false when the time has passed.
    ///
    /// No time at all is only a look; nil is for ever.
    package static func wait(_ descriptors: [CInt], for time: Duration?) -> [Bool] {
        var polls = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let milliseconds = time.map { $0 > .zero ? CInt(clamping: $0.milliseconds + 1) : 0 } ?? -1
        guard poll(&polls, nfds_t(polls.count), milliseconds) > 0 else { return descriptors.map { _ in false } }
        return polls.map { $0.revents != 0 }
    }

    /// Takes everything out of a descriptor that does not block.
    package static func empty(_ descriptor: CInt) {
        var buffer = [UInt8](repeating: 0, count: 1024)
        while read(descriptor, &buffer, buffer.count) > 0 {}
    }
}
