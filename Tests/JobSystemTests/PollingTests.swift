import Glibc
import JobTesting
import Synchronization
import Testing

@testable import JobSystem

@Suite(.timeLimit(.minutes(1)))
struct PollingTests {
    /// As when the process is stopped and goes on.
    @Test func aWaitThatIsInterruptedGoesOn() async throws {
        let (read, write) = try Descriptors.pipe()
        defer {
            close(read)
            close(write)
        }
        // Ignored, a signal would interrupt nothing.
        signal(SIGURG) { _ in heard.add(1, ordering: .releasing) }
        defer { signal(SIGURG, SIG_DFL) }
        async let isReadable = onOwnThread {
            // Dispatch keeps signals from its threads.
            var signals = sigset_t()
            sigaddset(&signals, SIGURG)
            pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            defer { pthread_sigmask(SIG_BLOCK, &signals, nil) }
            waiting.store(UInt(pthread_self()), ordering: .releasing)
            defer { waiting.store(0, ordering: .releasing) }
            return Polling.wait(read, for: nil)
        }
        while waiting.load(ordering: .acquiring) == 0 { await Task.yield() }
        for count in 1...100 {
            guard case let thread = waiting.load(ordering: .acquiring), thread != 0 else { break }
            pthread_kill(pthread_t(thread), SIGURG)
            while heard.load(ordering: .acquiring) < count, waiting.load(ordering: .acquiring) == thread {
                await Task.yield()
            }
        }
        #expect(Glibc.write(write, [1], 1) == 1)
        #expect(await isReadable)
    }
}

/// The thread that waits; 0 before and after.
private let waiting = Atomic<UInt>(0)
/// Signals that it has heard.
private let heard = Atomic(0)
