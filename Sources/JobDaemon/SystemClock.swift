package import JobModel
import JobWire
package import NIOCore

/// The machine's clock.
package struct SystemClock: JobClock {
    package init() {}

    package var now: Timestamp { .now }

    /// Looks at the clock at least every minute, because it can be set while waiting.
    package func wake(
        at moment: Timestamp, on loop: any EventLoop, _ body: @escaping @Sendable () -> Void
    ) -> @Sendable () -> Void {
        let milliseconds = max(0, moment.milliseconds - now.milliseconds)
        let scheduled = loop.scheduleTask(in: .milliseconds(min(milliseconds, 60_000)), body)
        return { scheduled.cancel() }
    }
}
