import JobDaemon
package import JobModel
import JobTesting
package import NIOCore
import Synchronization

/// A clock that moves only when it is told to.
///
/// As the system's, it can be set ahead and back, and wakes after a minute at the latest.
package final class ManualClock: JobClock {
    private struct Wake {
        let at: Timestamp
        /// Of the time that has passed.
        let latest: Duration
        let loop: any EventLoop
        let body: @Sendable () -> Void
    }

    private struct State {
        var now: Timestamp
        /// What has passed, whatever the time of day was set to.
        var passed = Duration.zero
        var bootId = "first"
        var isSynchronized = false
        var wakes: [Int: Wake] = [:]
        var lastNumber = 0
        /// The one that is woken.
        var loop: (any EventLoop)?
    }

    private static let longestWait = Duration.seconds(60)

    private let state: Mutex<State>

    /// Starts at noon of 23 November 2026 unless told otherwise.
    package init(at start: Timestamp = Timestamp(milliseconds: 1_795_435_200_000)) {
        state = Mutex(State(now: start))
    }

    package var now: Timestamp { state.withLock { $0.now } }

    package var passed: Duration { state.withLock { $0.passed } }

    package var bootId: String { state.withLock { $0.bootId } }

    package var isSynchronized: Bool { state.withLock { $0.isSynchronized } }

    /// The earliest moment at which somebody is to be woken.
    package var nextWake: Timestamp? { state.withLock { $0.wakes.values.map(\.at).min() } }

    /// Has somebody keep the clock right from now on, or nobody.
    package func setSynchronized(_ isSynchronized: Bool) {
        state.withLock { $0.isSynchronized = isSynchronized }
    }

    /// Starts the machine anew, with the time of day that it comes up with.
    package func reboot(at now: Timestamp) {
        state.withLock { state in
            state.now = now
            state.passed = .zero
            state.bootId += ", then another"
        }
    }

    package func wake(
        at moment: Timestamp, on loop: any EventLoop, _ body: @escaping @Sendable () -> Void
    ) -> @Sendable () -> Void {
        let number = state.withLock { state in
            state.lastNumber += 1
            state.loop = loop
            state.wakes[state.lastNumber] = Wake(
                at: moment, latest: state.passed + Self.longestWait, loop: loop, body: body)
            return state.lastNumber
        }
        return { [self] in state.withLock { $0.wakes[number] = nil } }
    }

    /// Moves on, and returns when everything that had become due has been called, in order.
    package func advance(by span: Duration) async {
        await change { state in
            state.now = state.now + span
            state.passed += span
        }
    }

    /// Sets the time of day, and returns as ``advance(by:)`` does.
    package func set(to now: Timestamp) async { await change { $0.now = now } }

    private func change(_ change: (inout State) -> Void) async {
        let due = state.withLock { state in
            change(&state)
            let due = state.wakes.filter { $0.value.at <= state.now || $0.value.latest <= state.passed }
                .sorted { ($0.value.at, $0.key) < ($1.value.at, $1.key) }
            for (number, _) in due { state.wakes[number] = nil }
            return due.map(\.value)
        }
        for wake in due { try? await wake.loop.submit(wake.body).outcome() }
        // What the daemon does in the background has a turn, too.
        await giveWay()
        try? await state.withLock { $0.loop }?.submit {}.outcome()
    }
}
