package import JSON
package import JobModel
package import JobStorage
package import JobWire
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
    private nonisolated let reloadHandler: ReloadHandler
    private nonisolated let backupHandler: BackupHandler
    private nonisolated let inspectionHandler: InspectionHandler
    nonisolated let damageHandler: DamageHandler
    /// What the HTTP API calls the things that methods answer.
    nonisolated let schemas: JSONObject

    /// Rereads the configuration; answers what changed, for people.
    package typealias ReloadHandler = @Sendable () async -> Result<JSONValue, Refusal>

    /// Writes a backup to a directory; answers what is in it.
    package typealias BackupHandler = @Sendable (_ directory: String) async -> Result<JSONValue, Refusal>

    /// Looks at the daemon's surroundings; answers what it sees.
    package typealias InspectionHandler = @Sendable () async -> JSONObject

    /// Told why the daemon must not go on: what the store holds can no longer be trusted.
    package typealias DamageHandler = @Sendable (_ reason: String) -> Void

    /// Decisions in force, the uncommitted ones included.
    var map: JobMap
    /// What is durable, in numbers.
    var totals = StoreTotals()
    var statistics = Statistics()
    /// Prevents the next look at what can go.
    var houseWake: (@Sendable () -> Void)?
    var metrics: DaemonMetrics
    var endLog = EndLog()
    /// What each front told last.
    var fronts: [ObjectIdentifier: FrontReport] = [:]
    /// What is durable and may be shown.
    var image: CommittedImage
    /// Files of which the map knows that they are there, or that they are not.
    var fileGuests = Guests<FileID>()
    /// What is being looked up in the store.
    var lookUps = LookUps()
    nonisolated let batches = Mutex(Batches())
    var watches = Watches()
    var waiters = Waiters()
    /// What arrives over the socket.
    var uploads = OpenUploads()
    var sweeps = Sweeps()
    var connectionCount = 0
    /// The runs' own words that a failed commit took back; said again with the next tick.
    var unsaid: [Command] = []
    /// What was done to the time of day.
    var wallClock = WallClock()
    /// Whether the time of day can be right.
    var clockTrust = ClockTrust(anchor: nil)
    private var wake: (at: Timestamp, cancel: @Sendable () -> Void)?
    /// When to look whether a store that has refused a change takes changes again; nil while it is being looked at.
    var lookAgainAt: Timestamp?
    var isStoreWell = true
    /// What the store holds can no longer be trusted: nothing is decided any more, until the service has ended.
    var isDamaged = false
    private(set) var isDraining = false
    private var idleContinuations: [CheckedContinuation<Void, Never>] = []

    /// Makes a daemon that holds nothing yet; ``start()`` comes next.
    package init(
        loop: any EventLoop, store: any JobStore, runner: any JobRunner, disk: any JobDisk, rules: Rules,
        clock: any JobClock = SystemClock(), logger: Logger, schemas: JSONObject = [:],
        onReload: @escaping ReloadHandler = { .success([:]) },
        onBackup: @escaping BackupHandler = { _ in .success([:]) },
        onInspection: @escaping InspectionHandler = { [:] },
        onDamage: @escaping DamageHandler = { _ in }
    ) {
        self.loop = loop
        executor = loop.executor
        self.store = store
        self.runner = runner
        self.disk = disk
        self.clock = clock
        self.logger = logger
        self.schemas = schemas
        reloadHandler = onReload
        backupHandler = onBackup
        inspectionHandler = onInspection
        damageHandler = onDamage
        startedAt = clock.now
        map = JobMap(rules: rules)
        metrics = DaemonMetrics(queues: rules.widths.keys)
        image = CommittedImage()
    }

    // MARK: Life

    /// Loads the map and takes care of what the last daemon left; returns when that is durable.
    ///
    /// - Throws: `StoreError` when the store cannot be read.
    package func start() async throws {
        let snapshot = try await store.load()
        var fresh = JobMap(rules: map.rules, nextNumber: snapshot.nextNumber, start: clock.now)
        for job in snapshot.jobs {
            // One allocation for both.
            let record = JobRecord.job(job)
            fresh.admit(record)
            image.set(record)
        }
        for name in snapshot.pausedQueues { fresh.admit(pausedQueue: name) }
        map = fresh
        clockTrust = ClockTrust(anchor: snapshot.clock)
        totals = try await store.totals()
        logger.info("loaded the jobs", metadata: ["jobs": "\(snapshot.jobs.count)"])
        decide(.recover)
        await idle()
        scheduleWake()
        keepHouse()
    }

    /// Stops starting jobs, ends or releases those that run, and returns when all of it is durable.
    package func stop() async {
        isDraining = true
        map.isDraining = true
        await runner.stop()
        await idle()
        wake?.cancel()
        houseWake?()
        waiters.removeAll()
    }

    /// Puts new rules in force and starts what they make possible.
    package func setRules(_ rules: Rules) {
        map.rules = rules
        tell(.tick)
        // Whoever reloads says that the clock is right.
        clockTrust.confirm()
        lookForExpired()
    }

    func reload(_ reply: @escaping Reply) {
        inBackground { [reloadHandler] in
            let outcome = await reloadHandler()
            reply(outcome.map { ByteBuffer(bytes: $0.bytes) })
        }
    }

    func inspect(_ reply: @escaping Reply) {
        let fronts = fronts.count
        let ahead = clockTrust.ahead
        inBackground { [inspectionHandler] in
            var seen = await inspectionHandler()
            seen["fronts"] = JSONValue(fronts)
            seen["clockAheadSeconds"] = ahead.map { JSONValue($0.components.seconds) } ?? .null
            reply(.success(ByteBuffer(bytes: JSONValue.object(seen).bytes)))
        }
    }

    func backUp(to directory: String, _ reply: @escaping Reply) {
        inBackground { [backupHandler] in
            let outcome = await backupHandler(directory)
            reply(outcome.map { ByteBuffer(bytes: $0.bytes) })
        }
    }

    // MARK: Words from the daemon's own parts

    /// Says what a run has to say; from any thread, in order of the calls of one thread.
    package nonisolated func tell(_ command: Command) {
        loop.execute { self.assumeIsolated { $0.decide(command) } }
    }

    /// Returns when every decision so far has been committed or taken back.
    func idle() async {
        if isIdle { return }
        await withCheckedContinuation { idleContinuations.append($0) }
    }

    /// Whether every decision so far has been told, or taken back.
    var isIdle: Bool { batches.withLock { $0.isIdle } }

    func becameIdle() {
        let waiting = idleContinuations
        idleContinuations = []
        for continuation in waiting { continuation.resume() }
    }

    // MARK: Time

    /// The time of day; spans that the map waits for go on as if it had never been set.
    func readClock() -> Timestamp {
        let now = clock.now
        if let change = wallClock.read(now, passed: clock.passed) {
            logger.warning("the clock was set", metadata: ["seconds": "\(change.components.seconds)"])
            map.clockWasSet(by: change)
        }
        return now
    }

    /// Sees to it that the loop wakes when something is due: a function of the map and of the store's health alone.
    ///
    /// Called after each turn that may have changed either, and after each wake, which may have come too early.
    func scheduleWake() {
        // While the store refuses changes, what is due would only be refused again.
        guard let next = isStoreWell ? map.nextDeadline() : lookAgainAt else { return }
        if let wake, wake.at <= next { return }
        wake?.cancel()
        let cancel = clock.wake(at: next, on: loop) { self.assumeIsolated { $0.wakeUp() } }
        wake = (next, cancel)
    }

    private func wakeUp() {
        wake = nil
        if isStoreWell {
            decide(.tick)
        } else if let moment = lookAgainAt, moment <= clock.now {
            lookAgainAt = nil
            checkStore()
        }
        scheduleWake()
    }

    /// The one bridge from the loop, which cannot wait, to what is asynchronous.
    nonisolated func inBackground(_ work: @escaping @Sendable () async -> Void) {
        Task { await work() }
    }
}
