import JobDaemonTesting
import JobModel
import JobStorage
import Testing

@testable import JobDaemon

struct ClockTrustTests {
    private static let start = Timestamp(milliseconds: 1_795_435_200_000)

    private static func reading(_ seconds: Int, boot: String = "first", passed: Int) -> ClockAnchor {
        ClockAnchor(now: start + .seconds(seconds), bootId: boot, passed: Int64(passed) * 1000)
    }

    @Test func timeThatHasPassedExplainsTheClock() {
        var trust = ClockTrust(anchor: Self.reading(0, passed: 100))
        _ = trust.judge(Self.reading(86_400, passed: 86_500), isSynchronized: false)
        #expect(trust.ahead == nil)
    }

    @Test(arguments: [(3_500, false), (3_700, true), (86_400 * 365, true)])
    func aJumpOfMoreThanAnHourIsDoubted(seconds: Int, isDoubted: Bool) {
        var trust = ClockTrust(anchor: Self.reading(0, passed: 100))
        _ = trust.judge(Self.reading(seconds, passed: 100), isSynchronized: false)
        #expect((trust.ahead != nil) == isDoubted)
        // It stays so as time goes on.
        _ = trust.judge(Self.reading(seconds + 7200, passed: 7300), isSynchronized: false)
        #expect((trust.ahead != nil) == isDoubted)
    }

    @Test func afterAStartOfTheMachineOnlyWhatHasPassedSinceCounts() {
        var trust = ClockTrust(anchor: Self.reading(0, passed: 1_000_000))
        _ = trust.judge(Self.reading(90_000, boot: "second", passed: 50), isSynchronized: false)
        #expect(trust.ahead == .seconds(89_950))
        _ = trust.judge(Self.reading(90_001, boot: "second", passed: 51), isSynchronized: true)
        #expect(trust.ahead == nil)
        _ = trust.judge(Self.reading(180_000, boot: "second", passed: 90_050), isSynchronized: false)
        #expect(trust.ahead == nil)
    }

    @Test func aConfirmationHoldsForTheClockAsItIs() {
        var trust = ClockTrust(anchor: Self.reading(0, passed: 0))
        trust.confirm()
        _ = trust.judge(Self.reading(90_000, passed: 10), isSynchronized: false)
        #expect(trust.ahead == nil)
        _ = trust.judge(Self.reading(900_000, passed: 20), isSynchronized: false)
        #expect(trust.ahead != nil)
    }

    @Test func aReadingIsStoredNowAndThen() {
        var trust = ClockTrust(anchor: nil)
        let stored = (0...60).compactMap { minute -> Int? in
            let reading = Self.reading(minute * 60, passed: minute * 60)
            guard case .believed(.some) = trust.judge(reading, isSynchronized: false) else { return nil }
            return minute
        }
        #expect(stored == [0, 10, 20, 30, 40, 50, 60])
    }
}

struct WallClockTests {
    private static let start = Timestamp(milliseconds: 1_795_435_200_000)

    @Test(arguments: [3600, -3600])
    func whatTheClockWasSetByIsNoTimeThatPassed(seconds: Int) {
        var clock = WallClock()
        let set = Duration.seconds(seconds)
        #expect(clock.read(Self.start, passed: .zero) == nil)
        #expect(clock.read(Self.start + .seconds(10), passed: .seconds(10)) == nil)
        #expect(clock.read(Self.start + set + .seconds(11), passed: .seconds(11)) == set)
        #expect(clock.read(Self.start + set + .seconds(15), passed: .seconds(15)) == nil)
        #expect(clock.milliseconds(from: Self.start + .seconds(4), to: Self.start + set + .seconds(15)) == 11_000)
        #expect(clock.milliseconds(from: Self.start + .seconds(1), to: Self.start + .seconds(9)) == 8000)
    }

    @Test func aClockThatIsKeptRightIsNotOneThatWasSet() {
        var clock = WallClock()
        for second in 0..<100 {
            #expect(
                clock.read(Self.start + .milliseconds(second * 1400), passed: .milliseconds(second * 1000)) == nil)
        }
    }
}
