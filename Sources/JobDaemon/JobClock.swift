package import JobModel
package import NIOCore

/// Where the time comes from; tests bring their own.
package protocol JobClock: Sendable {
    var now: Timestamp { get }

    /// What has passed since ``bootId``, whatever the time of day was set to.
    var passed: Duration { get }

    /// Names what ``passed`` counts from: a start of the machine.
    var bootId: String { get }

    /// Whether the kernel knows that somebody keeps the time of day right.
    var isSynchronized: Bool { get }

    /// What clocks show in a time zone of the system's database, nil when there is none of the name; blocks.
    func timeZone(_ name: String) -> TimeZoneRules?

    /// Calls the body on the loop once at the moment, also when the clock is set meanwhile, or earlier; the returned closure,
    /// called on the loop, prevents it.
    func wake(
        at moment: Timestamp, on loop: any EventLoop, _ body: @escaping @Sendable () -> Void
    ) -> @Sendable () -> Void
}

extension JobClock {
    package func timeZone(_ name: String) -> TimeZoneRules? { TimeZoneFiles.read(name) }
}
