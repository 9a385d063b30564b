import Glibc
import JobSystem
import Testing

struct CaughtSignalsTests {
    /// Whichever of the process' threads the kernel gives it to.
    @Test func everySignalComes() async throws {
        var signals = try CaughtSignals.stream(of: SIGUSR2).makeAsyncIterator()
        for _ in 0..<2000 {
            kill(getpid(), SIGUSR2)
            #expect(await signals.next() == SIGUSR2)
        }
    }
}
