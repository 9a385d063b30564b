import JobModel
import NIOCore

/// One wake-up at a time: the earliest that was asked for.
struct Alarm {
    private var next: (at: Timestamp, cancel: @Sendable () -> Void)?

    /// Has the body called on the loop at a moment, unless it will be earlier anyway; it says ``ring()`` first.
    mutating func set(
        to moment: Timestamp, by clock: any JobClock, on loop: any EventLoop, _ body: @escaping @Sendable () -> Void
    ) {
        if let next, next.at <= moment { return }
        next?.cancel()
        next = (moment, clock.wake(at: moment, on: loop, body))
    }

    /// Takes note that it has come.
    mutating func ring() { next = nil }

    mutating func cancel() {
        next?.cancel()
        next = nil
    }
}
