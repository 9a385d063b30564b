import Dispatch
import Glibc
package import JobModel
import JobSystem
import JobWire
package import NIOCore
import Synchronization

/// The machine's clock.
package struct SystemClock: JobClock {
    package init() {}

    package var now: Timestamp { .now }

    package var passed: Duration { Machine.uptime }

    package var bootId: String { Machine.bootId }

    package var isSynchronized: Bool { Machine.clockIsSynchronized }

    /// Waits for the time of day, which somebody may set while this waits; looks at it at least every minute.
    package func wake(
        at moment: Timestamp, on loop: any EventLoop, _ body: @escaping @Sendable () -> Void
    ) -> @Sendable () -> Void {
        let moment = min(moment, now + .seconds(60))
        let isPrevented = Flag()
        DispatchQueue.global().asyncAfter(wallDeadline: DispatchWallTime(moment)) {
            loop.execute { if !isPrevented.isSet { body() } }
        }
        return { isPrevented.set() }
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)

        var isSet: Bool { value.load(ordering: .relaxed) }

        func set() { value.store(true, ordering: .relaxed) }
    }
}

extension DispatchWallTime {
    fileprivate init(_ moment: Timestamp) {
        // A moment before 1970 has passed, as 1970 has.
        let (seconds, milliseconds) = max(moment.milliseconds, 0).quotientAndRemainder(dividingBy: 1000)
        self.init(timespec: timespec(tv_sec: Int(seconds), tv_nsec: Int(milliseconds) * 1_000_000))
    }
}
