import Dispatch
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

    /// Waits for the time of day, which somebody may set while this waits: a minute later at the latest, the body is called
    /// and looks at the clock anew.
    package func wake(
        at moment: Timestamp, on loop: any EventLoop, _ body: @escaping @Sendable () -> Void
    ) -> @Sendable () -> Void {
        let wait = moment.milliseconds - now.milliseconds
        guard wait > 0 else {
            // Never at once: what is due in many pieces would follow each other so closely that the loop hears nobody else.
            let task = loop.scheduleTask(in: .microseconds(200), body)
            return { task.cancel() }
        }
        let isOver = Flag()
        let limit = loop.scheduleTask(in: .seconds(60)) { if isOver.set() { body() } }
        DispatchQueue.global().asyncAfter(wallDeadline: .now() + .milliseconds(Int(min(wait, 60_000)))) {
            loop.execute {
                guard isOver.set() else { return }
                limit.cancel()
                body()
            }
        }
        return {
            isOver.set()
            limit.cancel()
        }
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)

        /// Whether it was not set before.
        @discardableResult
        func set() -> Bool { !value.exchange(true, ordering: .relaxed) }
    }
}
