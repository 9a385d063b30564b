import JobModel
import NIOCore

/// The time of day as it is read, and the one moment at which the loop is to wake.
struct Timekeeper {
    /// What was done to the time of day.
    private(set) var wallClock = WallClock()
    private var alarm = Alarm()

    /// Reads the time of day; with what it was set ahead or back since the last reading.
    mutating func read(_ clock: any JobClock) -> (now: Timestamp, change: Duration?) {
        let now = clock.now
        return (now, wallClock.read(now, passed: clock.passed))
    }

    /// Has the body called on the loop at a moment, unless it will be earlier anyway; it says ``ring()`` first.
    mutating func wake(
        at moment: Timestamp, by clock: any JobClock, on loop: any EventLoop, _ body: @escaping @Sendable () -> Void
    ) {
        alarm.set(to: moment, by: clock, on: loop, body)
    }

    /// Takes note that the moment has come.
    mutating func ring() { alarm.ring() }

    mutating func stop() { alarm.cancel() }
}
