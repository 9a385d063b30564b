import NIOCore
import NIOEmbedded
import Testing

@testable import JobDaemon

@Suite(.timeLimit(.minutes(5)))
struct SearchesTests {
    private final class Owner {}

    private let loop = NIOAsyncTestingEventLoop()
    private let owner = Owner()

    @Test(arguments: [(seconds: Int64(9), isInterrupted: false), (10, true)])
    func aSearchIsInterruptedAfterTenSeconds(seconds: Int64, isInterrupted: Bool) async {
        let task = Task { await Self.untilCancelled() }
        let owner = ObjectIdentifier(owner)
        let searches = try? await loop.executeInContext { [loop] in
            var searches = Searches()
            searches.begin(for: owner, on: loop) { _ in task }
            return searches
        }
        await loop.advanceTime(by: .seconds(seconds))
        #expect(task.isCancelled == isInterrupted)
        let wasLong = try? await loop.executeInContext {
            var searches = searches
            return searches?.end(1)
        }
        #expect(wasLong == isInterrupted)
        // One that has ended is interrupted no more, and its number means nothing.
        await loop.advanceTime(by: .seconds(20))
        #expect(task.isCancelled == isInterrupted)
        task.cancel()
        await task.value
    }

    private static func untilCancelled() async {
        let (never, continuation) = AsyncStream.makeStream(of: Never.self)
        for await _ in never {}
        continuation.finish()
    }
}
