package import JSON
package import JobAccess
package import JobModel
package import JobStorage
import JobWire
package import Logging
package import NIOCore
import Synchronization

/// The owner of the job map: decides, commits, then acts and tells.
///
/// An actor on one event loop, the one that also serves the control connections: a request is decoded, decided and put
/// into the next commit without a hop. Nobody is told anything before it is durable, and reads are served from
/// `CommittedImage`, so they never wait behind writes.
///
/// The path of a change is in `Daemon+Commit.swift`, that of a read in `Daemon+Read.swift`.
package actor Daemon {
    package nonisolated let loop: any EventLoop
    private nonisolated let executor: any SerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    nonisolated let store: any JobStore
    nonisolated let runner: any JobRunner
    nonisolated let disk: any JobDisk
    nonisolated let clock: any JobClock
    nonisolated let logger: Logger
    nonisolated let startedAt: Timestamp
    /// The same moment by ``JobClock/passed``, which nobody can set back.
    nonisolated let passedAtStart: Duration
    nonisolated let handlers: DaemonHandlers
    /// What the HTTP API calls the things that methods answer.
    nonisolated let schemas: JSONObject

    /// Looks now and then for what can be removed.
    nonisolated let housekeeper: Housekeeper
    /// Who sends messages to webhooks.
    nonisolated let outbox: OutboxKeeper
    /// Who may do what, and who did.
    var gatekeeper: Gatekeeper
    var committer: Committer
    var gauges: Gauges
    /// Who works elsewhere.
    let work = WorkKeeper()
    /// What is durable and may be shown, and to whom.
    let audience = Audience()
    nonisolated let commits = Mutex(CommitQueue())
    var turns = Turns()
    /// Those that are under way.
    var uploads = IncomingUploads()
    private(set) var timekeeper = Timekeeper()
    private var life = Lifecycle()

    /// Makes a daemon that holds nothing yet; ``start()`` comes next.
    package init(
        loop: any EventLoop, store: any JobStore, runner: any JobRunner, disk: any JobDisk, rules: Rules,
        policy: AccessPolicy = AccessPolicy(), clock: any JobClock = SystemClock(), logger: Logger,
        schemas: JSONObject = [:], handlers: DaemonHandlers = DaemonHandlers()
    ) {
        self.loop = loop
        executor = loop.executor
        self.store = store
        self.runner = runner
        self.disk = disk
        gatekeeper = Gatekeeper(policy: policy, logger: logger)
        housekeeper = Housekeeper(loop: loop, store: store, disk: disk, clock: clock, logger: logger)
        outbox = OutboxKeeper(loop: loop, store: store, clock: clock, logger: logger, webhooks: rules.webhooks)
        self.clock = clock
        self.logger = logger
        self.schemas = schemas
        self.handlers = handlers
        startedAt = clock.now
        passedAtStart = clock.passed
        committer = Committer(rules: rules)
        gauges = Gauges(queues: rules.widths.keys)
    }

    // MARK: Life

    /// Loads the map and takes care of what the last daemon left; returns when that is durable.
    ///
    /// Until then no job is started and no command is taken. While the store refuses it, tries again.
    ///
    /// - Throws: `StoreError` when the store cannot be read, or must not be used; `CancellationError` after ``stop()``.
    package func start() async throws {
        let snapshot = try await store.load()
        // One allocation for both.
        let records = snapshot.jobs.map(JobRecord.job)
        for record in records { audience.admit(record) }
        let plans = snapshot.named.compactMap(\.schedule?.plan) + committer.map.rules.schedules.values
        let names = Set(plans.map(\.timeZone))
        let zones = names.reduce(into: [String: TimeZoneRules]()) { $0[$1] = clock.timeZone($1) }
        for name in names where zones[name] == nil {
            logger.error("a schedule waits for a time zone that is not there", metadata: ["timeZone": "\(name)"])
        }
        let totals = try await store.totals()
        await housekeeper.load(snapshot.clock)
        committer.setSandbox(isBroken: isSandboxBroken)
        committer.load(
            snapshot, records: records, zones: zones, chargedBytes: totals.chargedBytes, at: clock.now)
        gauges.load(snapshot, totals: totals)
        logger.info("loaded the jobs", metadata: ["jobs": "\(snapshot.jobs.count)"])
        log(damage: snapshot.damage)
        while try await !recover() { await waitForStore() }
        await idle()
        scheduleWake()
        keepHouse()
    }

    /// Takes care of what the last daemon left; returns whether the store has taken that.
    private func recover() async throws -> Bool {
        guard !isStopping else { throw CancellationError() }
        let outcome = await withCheckedContinuation { continuation in
            decide(.recover) { continuation.resume(returning: $0) }
        }
        if case .success = outcome { return true }
        if committer.health == .damaged { throw StoreError.damaged("the store is damaged") }
        if committer.health == .superseded { throw StoreError.superseded("another daemon owns the store") }
        return false
    }

    /// Returns after a second, or when the daemon is to stop.
    private func waitForStore() async {
        let cancel = clock.wake(at: clock.now + .seconds(1), on: loop) {
            self.assumeIsolated { $0.life.tryStoreAgain() }
        }
        await withCheckedContinuation { life.waitForStore($0) }
        cancel()
    }

    /// Says that the daemon is to stop: a start that waits for the store gives up, and nothing new is handed out.
    package func beginStop() {
        life.stop()
    }

    /// Stops starting jobs, ends or releases those that run, and returns when all of it is durable.
    package func stop() async {
        beginStop()
        committer.stop()
        work.stop()
        await outbox.stop()
        await runner.stop()
        await idle()
        timekeeper.stop()
        await housekeeper.stop()
        audience.endWaits()
    }

    /// Puts in force who may do what from now on.
    package func setPolicy(_ policy: AccessPolicy) { gatekeeper.setPolicy(policy) }

    /// Puts new rules in force, and starts what they make possible.
    package func setRules(_ rules: Rules) {
        committer.setRules(rules)
        syncSchedules()
        propose(.tick)
        outbox.assumeIsolated { $0.setWebhooks(rules.webhooks) }
        // Whoever reloads says that the clock is right.
        housekeeper.assumeIsolated { $0.confirmClock() }
        keepHouse()
    }

    /// Hears that rooms can be made for steps, or cannot any more (``JobRunner/sandboxState``).
    ///
    /// May be called from any thread.
    package nonisolated func sandboxChanged() {
        loop.execute { self.assumeIsolated { $0.committer.setSandbox(isBroken: $0.isSandboxBroken) } }
        propose(.tick)
    }

    /// Has the map take over the schedules of the configuration; said again when the store takes changes again.
    func syncSchedules() { propose(.syncSchedules(committer.map.rules.schedules)) }

    // MARK: Words from the daemon's own parts

    /// Has a command decided; from any thread, in order of the calls of one thread.
    package nonisolated func propose(_ command: Command) {
        loop.execute { self.assumeIsolated { $0.decide(command) } }
    }

    /// Returns when every decision so far has been committed or taken back.
    func idle() async {
        // What was taken back may have been decided again before this goes on.
        while !isIdle { await withCheckedContinuation { life.waitForIdle($0) } }
    }

    /// Whether every decision so far has been told, or taken back.
    var isIdle: Bool { commits.withLock { $0.isIdle } }

    func becameIdle() { life.becameIdle() }

    /// Whether nothing new begins, because the daemon is to stop.
    var isStopping: Bool { life.isStopping }

    // MARK: Time

    /// The time of day; spans that the map waits for go on as if it had never been set.
    func readClock() -> Timestamp {
        let (now, change) = timekeeper.read(clock)
        if let change {
            logger.warning("the clock was set", metadata: ["seconds": "\(change.components.seconds)"])
            committer.clockWasSet(by: change, at: now)
        }
        return now
    }

    /// Sees to it that the loop wakes when something is due: a function of the map and of the store's health alone.
    ///
    /// Called after each turn that may have changed either, and after each wake, which may have come too early. What is due
    /// comes no faster than the store writes it: what is asked meanwhile would wait behind all of it.
    ///
    /// - Returns: The moment; nil when nothing is to come, or nothing before the next write is told or taken back.
    @discardableResult
    func scheduleWake() -> Timestamp? {
        guard !commits.withLock({ $0.isFull }), let next = committer.nextDeadline() else { return nil }
        timekeeper.wake(at: next, by: clock, on: loop) { self.assumeIsolated { $0.wakeUp() } }
        return next
    }

    private func wakeUp() {
        timekeeper.ring()
        take(.tick)
    }

    /// Decides a part of what is due; returns whether more of it is.
    func lookAtWhatIsDue() -> Bool {
        let now = readClock()
        if committer.health.isWell {
            decide(.tick)
        } else if committer.unstored.isLookDue(at: now) {
            lookAtStore()
        }
        return scheduleWake().map { $0 <= now } ?? false
    }
}
