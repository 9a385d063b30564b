package import JobModel

/// A reading of the clock that was believed, and of what else tells the time.
package struct ClockAnchor: Hashable, Sendable {
    /// The time of day that was read.
    package let now: Timestamp
    /// Which start of the machine `passed` counts from; empty when that is not known.
    package let bootId: String
    /// Since then, in milliseconds, time asleep included.
    package let passed: Int64

    package init(now: Timestamp, bootId: String = "", passed: Int64 = 0) {
        self.now = now
        self.bootId = bootId
        self.passed = passed
    }
}
