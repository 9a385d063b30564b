import JobModel
import JobStorage
import JobSystem
import Logging
import NIOCore

/// Decides when to look for what can be removed, and whether the clock can be trusted for that.
///
/// An actor on the daemon's loop; what goes is found by ``Expiry`` and ``DiskSweep``, in pieces.
actor Housekeeper {
    private enum Pace {
        /// Between two looks at what can go, at most; also how long that may stay beyond its time.
        static let longest = Duration.seconds(60)
        /// The shortest time between two looks that found nothing more to do.
        static let shortest = Duration.seconds(1)
        /// Between two pieces when there is more: others get their turn.
        static let pause = Duration.milliseconds(20)
        /// Lines of one piece.
        static let lines = 2000
    }

    private nonisolated let executor: any SerialExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let store: any JobStore
    private let disk: any JobDisk
    private let clock: any JobClock
    private let logger: Logger
    /// The next look, and what prevents it; nil during a look.
    private var next: (moment: Timestamp, cancel: @Sendable () -> Void)?
    /// Whether there was too much during the look.
    private var isHasty = false
    private var sweeps = Sweeps()
    private var clockTrust = ClockTrust(anchor: nil)

    init(loop: any EventLoop, store: any JobStore, disk: any JobDisk, clock: any JobClock, logger: Logger) {
        executor = loop.executor
        self.store = store
        self.disk = disk
        self.clock = clock
        self.logger = logger
    }

    /// Takes the reading of the clock that was believed last; nil: none was.
    func load(_ anchor: ClockAnchor?) { clockTrust = ClockTrust(anchor: anchor) }

    /// Whoever reloads says that the clock is right.
    func confirmClock() { clockTrust.confirm() }

    /// How far the clock is ahead of what can be; nil while it is believed.
    var clockAhead: Duration? { clockTrust.ahead }

    private var isClockBelieved: Bool { clockTrust.ahead == nil }

    /// Looks now, and again after a time that fits what was found.
    func look(for daemon: Daemon, by rules: Rules) {
        stop()
        let now = clock.now
        let anchor = judgeClock()
        sweep(for: daemon, rules, at: now)
        let expiry = Expiry(daemon: daemon, store: store, disk: disk, logger: logger, rules: rules, now: now)
        inBackground { [self] in
            var isMore = false
            do throws(StoreError) {
                // Before anything goes that this reading lets go.
                if let anchor { try await store.keep(anchor) }
                if await isClockBelieved { isMore = try await expiry.removeJobsAndFiles() }
                if await isClockBelieved, await expiry.forgetUploads() { isMore = true }
                if await isClockBelieved, try await expiry.clearOutbox() { isMore = true }
                if try await store.removeLinesOfDeletedJobs(limit: Pace.lines) { isMore = true }
                if try await store.reclaimSpace() { isMore = true }
            } catch {
                logger.warning("old jobs and files were not looked for", metadata: ["reason": "\(error)"])
            }
            await lookAgain(for: daemon, after: isMore ? Pace.pause : Self.interval(of: rules.retention))
        }
    }

    /// Looks no more.
    func stop() {
        next?.cancel()
        next = nil
    }

    /// Looks soon, and not only when that is due; but not so soon that the same is found all the time.
    func hasten(for daemon: Daemon) {
        guard let next else { return isHasty = true }
        if next.moment > clock.now + Pace.shortest { lookAgain(for: daemon, after: Pace.shortest) }
    }

    private func lookAgain(for daemon: Daemon, after pause: Duration) {
        guard !daemon.assumeIsolated({ $0.isStopping }) else { return }
        stop()
        let moment = clock.now + (isHasty ? min(pause, Pace.shortest) : pause)
        isHasty = false
        let cancel = clock.wake(at: moment, on: daemon.loop) { daemon.assumeIsolated { $0.keepHouse() } }
        next = (moment, cancel)
    }

    /// A tenth of the shortest time that anything stays, within bounds.
    private static func interval(of retention: Rules.Retention) -> Duration {
        min(max(retention.shortest / 10, Pace.shortest), Pace.longest)
    }

    /// Looks at what is in doubt on the disk, and at everything when that is due.
    private func sweep(for daemon: Daemon, _ rules: Rules, at now: Timestamp) {
        guard let isWhole = sweeps.begin(at: clock.passed) else { return }
        let sweep = DiskSweep(daemon: daemon, store: store, disk: disk, logger: logger, rules: rules)
        // Nothing goes for its age while the clock cannot be right.
        let moment = isClockBelieved ? now + (.zero - rules.retention.unusedFiles) : Timestamp(milliseconds: .min)
        inBackground { [self] in
            do {
                try await sweep.run(isWhole: isWhole, setAsideBefore: moment)
            } catch {
                logger.warning("the disk was not looked through", metadata: ["reason": "\(error)"])
            }
            await sweepEnded()
        }
    }

    private func sweepEnded() { sweeps.end() }

    /// Judges the clock, and says so when the answer is another than before; returns a reading that is to be stored.
    private func judgeClock() -> ClockAnchor? {
        let wasBelieved = isClockBelieved
        let reading = ClockAnchor(now: clock.now, bootId: clock.bootId, passed: clock.passed.milliseconds)
        switch clockTrust.judge(reading, isSynchronized: clock.isSynchronized) {
        case .believed(let anchor):
            if !wasBelieved { logger.notice("the clock is believed again: what has stayed long enough goes") }
            return anchor
        case .doubted(let ahead):
            if wasBelieved {
                logger.warning(
                    "the clock is ahead of all that has passed, and nobody keeps it right: nothing is removed for its age until it is, or until jobctl reload says that it is right",
                    metadata: ["aheadSeconds": "\(ahead.components.seconds)"])
            }
            return nil
        }
    }
}
