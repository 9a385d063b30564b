import JobModel
import JobTesting
import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import JobDaemon

@Suite(.timeLimit(.minutes(5)))
struct SystemClockTests {
    @Test(arguments: [-10_000, 0, 1, 30] as [Int64])
    func aMomentThatComesIsHeardOfOnce(ahead: Int64) async {
        let clock = SystemClock()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let calls = Counter()
        let isOnLoop = await untilCalledBack { (callBack: @escaping @Sendable (Bool) -> Void) in
            _ = clock.wake(at: clock.now + .milliseconds(ahead), on: loop) {
                calls.add()
                callBack(loop.inEventLoop)
            }
        }
        #expect(isOnLoop && calls.count == 1)
    }

    /// What is overdue comes soon, and not within the call: the loop has others to hear.
    @Test func whatIsOverdueIsHeardOfAfterAMomentAndNotWithinTheCall() async {
        let (clock, loop, calls) = (SystemClock(), NIOAsyncTestingEventLoop(), Counter())
        _ = clock.wake(at: clock.now + .seconds(-3600), on: loop) { calls.add() }
        await loop.run()
        #expect(calls.count == 0)
        await loop.advanceTime(by: .milliseconds(1))
        #expect(calls.count == 1)
    }

    /// The wait is by the time of day; when that is set back, the time that passes ends it.
    @Test func aClockThatIsSetBackIsLookedAtAfterAMinute() async {
        let (clock, loop, calls) = (SystemClock(), NIOAsyncTestingEventLoop(), Counter())
        let cancel = clock.wake(at: clock.now + .seconds(3600), on: loop) { calls.add() }
        await loop.advanceTime(by: .seconds(59))
        #expect(calls.count == 0)
        await loop.advanceTime(by: .seconds(1))
        #expect(calls.count == 1)
        await loop.advanceTime(by: .seconds(600))
        #expect(calls.count == 1)
        cancel()
    }

    @Test(arguments: [-3600, 3600] as [Int64])
    func whatIsCancelledIsNotHeardOf(ahead: Int64) async {
        let (clock, loop, calls) = (SystemClock(), NIOAsyncTestingEventLoop(), Counter())
        let cancel = clock.wake(at: clock.now + .seconds(ahead), on: loop) { calls.add() }
        cancel()
        cancel()
        await loop.advanceTime(by: .seconds(600))
        #expect(calls.count == 0)
    }
}
