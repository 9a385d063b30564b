import JobModel
import JobStorage
import JobSystem

/// When is looked at what can go, and whether the clock can be right by which it goes.
struct Housekeeper {
    /// What a reading of the clock means.
    enum Judgement {
        /// Believed; the reading is to be stored if there is one. `again`: it was not before.
        case believed(ClockAnchor?, again: Bool)
        /// Ahead of all that has passed. `isNew`: it was believed before.
        case doubted(ahead: Duration, isNew: Bool)
    }

    /// Prevents the next look.
    private var cancelWake: (@Sendable () -> Void)?
    private var sweeps = Sweeps()
    private var clockTrust = ClockTrust(anchor: nil)

    /// How far the clock is ahead of what can be; nil while it is believed.
    var clockAhead: Duration? { clockTrust.ahead }

    var isClockBelieved: Bool { clockTrust.ahead == nil }

    mutating func load(_ anchor: ClockAnchor?) { clockTrust = ClockTrust(anchor: anchor) }

    /// Whoever reloads says that the clock is right.
    mutating func confirmClock() { clockTrust.confirm() }

    /// Judges the clock.
    mutating func judge(_ clock: any JobClock) -> Judgement {
        let wasDoubted = !isClockBelieved
        let reading = ClockAnchor(now: clock.now, bootId: clock.bootId, passed: clock.passed.milliseconds)
        return switch clockTrust.judge(reading, isSynchronized: clock.isSynchronized) {
        case .believed(let anchor): .believed(anchor, again: wasDoubted)
        case .doubted(let ahead): .doubted(ahead: ahead, isNew: !wasDoubted)
        }
    }

    /// A look begins; the next one is asked for by ``wake(by:)``.
    mutating func beginLook() {
        cancelWake?()
        cancelWake = nil
    }

    /// Takes what prevents the next look.
    mutating func wake(by cancel: @escaping @Sendable () -> Void) { cancelWake = cancel }

    /// Begins a look at the disk, at everything when that is due; nil when it is too early, or another one goes on.
    mutating func beginSweep(at passed: Duration) -> Bool? { sweeps.begin(at: passed) }

    mutating func endSweep() { sweeps.end() }
}
