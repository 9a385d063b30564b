import Glibc

/// A request to stop that any thread can make, and that wakes the thread which waits for its descriptor.
package final class Cancellation: Sendable {
    /// Readable once the request was made.
    package let descriptor: CInt

    /// - Throws: ``SystemError`` when there are no descriptors left.
    package init() throws(SystemError) { descriptor = try Descriptors.event() }

    /// Makes the request; once made, it stays.
    package func cancel() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Whether it was made.
    package var isCancelled: Bool { Polling.wait(descriptor, for: .zero) }

    deinit { close(descriptor) }
}
