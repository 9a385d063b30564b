import JobDaemon
package import JobModel
package import NIOCore
import Synchronization

/// A clock that moves only when it is told to.
package final class ManualClock: JobClock {
    private struct Wake {
        let at: Timestamp
        let loop: any EventLoop
        let body: @Sendable () -> Void
    }

    private struct State {
        var now: Timestamp
        var wakes: [Int: Wake] = [:]
        var lastNumber = 0
    }

    private let state: Mutex<State>

    /// Starts at noon of 23 November 2026 unless told otherwise.
    package init(at start: Timestamp = Timestamp(milliseconds: 1_795_435_200_000)) {
        state = Mutex(State(now: start))
    }

    package var now: Timestamp { state.withLock { $0.now } }

    package func wake(
        at moment: Timestamp, on loop: any EventLoop, _ body: @escaping @Sendable () -> Void
    ) -> @Sendable () -> Void {
        let number = state.withLock { state in
            state.lastNumber += 1
            state.wakes[state.lastNumber] = Wake(at: moment, loop: loop, body: body)
            return state.lastNumber
        }
        return { [self] in state.withLock { $0.wakes[number] = nil } }
    }

    /// Moves on, and returns when everything that had become due has been called, in order.
    package func advance(by span: Duration) async {
        let due = state.withLock { state in
            state.now = state.now + span
            let due = state.wakes.filter { $0.value.at <= state.now }.sorted { $0.value.at < $1.value.at }
            for (number, _) in due { state.wakes[number] = nil }
            return due.map(\.value)
        }
        for wake in due { try? await wake.loop.submit(wake.body).outcome() }
    }
}
