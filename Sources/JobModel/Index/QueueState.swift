/// The slots of one queue, and who waits for one.
struct QueueState: Sendable {
    var isPaused = false
    /// How long its runs take, those of late counting more; nil before the first has ended.
    var usualRun: Duration?
    /// How many jobs there are.
    private(set) var counts = Counts()

    private let sharing: Rules.Sharing
    /// Accounts that have as many running jobs as they may, whose next ones start last; nil: no such limit.
    private(set) var late: Set<Account>?
    /// Where jobs of each account wait; not kept without that limit.
    private var accounts = WaitingSpots<Account>()
    /// By priority.
    private var turns: [Int: TurnIndex] = [:]
    /// The priorities of jobs that wait, highest first.
    private var priorities: [Int] = []
    /// Jobs that wait, by number.
    private var ids: [Int64: JobID] = [:]
    /// Jobs that have a slot, with their limit keys.
    private var slots: [JobID: String] = [:]
    private var keys: LimitKeys
    /// How many jobs of each type wait: not everybody who asks takes every type.
    private var types: [String: Int] = [:]

    struct Counts: Hashable, Sendable {
        /// Jobs that have a slot.
        var running = 0
        /// Jobs that wait for one.
        var queued = 0
        /// Jobs that have not ended.
        var active = 0
    }

    var waitingTypes: some Sequence<String> { types.keys }

    init(sharing: Rules.Sharing = Rules.Sharing(), late: Set<Account>? = nil) {
        self.sharing = sharing
        self.late = late
        keys = LimitKeys(limit: sharing.perKey)
    }

    /// Whether there is a slot of so many, and somebody who waits for one.
    func mayStart(width: Int) -> Bool { !isPaused && counts.running < width && counts.queued > 0 }

    // MARK: Jobs

    mutating func add(_ job: Job) {
        counts.active += 1
        if job.holdsSlot {
            counts.running += 1
            slots[job.jobId] = job.asked.terms.limitKey?.description ?? ""
            if let key = job.asked.terms.limitKey?.description { occupy(key, by: 1) }
        } else if job.status == .queued {
            counts.queued += 1
            types[job.asked.jobType, default: 0] += 1
            ids[job.number] = job.jobId
            let (spot, key) = (spot(of: job), job.asked.terms.limitKey?.description ?? "")
            wait(job, key, in: spot, by: 1)
            if turns[spot.priority] == nil {
                priorities.insert(spot.priority, at: priorities.firstIndex { $0 < spot.priority } ?? priorities.count)
            }
            let isFree = isFree(key)
            let isLate = job.asked.account.map { late?.contains($0) ?? false } ?? false
            turns[spot.priority, default: TurnIndex()]
                .insert(
                    job.number, group: spot.group, in: .init(jobType: job.asked.jobType, key: key), isFree: isFree,
                    isLate: isLate)
        }
    }

    mutating func remove(_ job: Job) {
        counts.active -= 1
        if job.holdsSlot {
            counts.running -= 1
            slots[job.jobId] = nil
            if let key = job.asked.terms.limitKey?.description { occupy(key, by: -1) }
        } else if job.status == .queued {
            counts.queued -= 1
            let count = types[job.asked.jobType] ?? 1
            types[job.asked.jobType] = count > 1 ? count - 1 : nil
            ids[job.number] = nil
            let (spot, key) = (spot(of: job), job.asked.terms.limitKey?.description ?? "")
            let isFree = isFree(key)
            turns[spot.priority]?
                .remove(job.number, group: spot.group, in: .init(jobType: job.asked.jobType, key: key), isFree: isFree)
            wait(job, key, in: spot, by: -1)
        }
    }

    /// The job of these types whose turn it is; nil when all wait for their keys.
    mutating func next(of types: some Sequence<String>) -> JobID? {
        forgetEmpty()
        var late: JobID?
        for priority in priorities {
            guard let first = turns[priority]?.first(of: types), let id = ids[first.number] else { continue }
            guard first.isLate else { return id }
            late = late ?? id
        }
        return late
    }

    /// Takes note that an account runs as much as it should, or less again.
    mutating func setLate(_ isLate: Bool, _ account: Account) {
        if isLate { late?.insert(account) } else { late?.remove(account) }
        for spot in accounts[account] { turns[spot.priority]?.setLate(isLate, group: spot.group) }
    }

    private mutating func wait(_ job: Job, _ key: String, in spot: WaitingSpot, by change: Int) {
        if !key.isEmpty { keys.spots.count(spot, of: key, by: change) }
        if late != nil, let account = job.asked.account { accounts.count(spot, of: account, by: change) }
    }

    /// Takes note that a job was started in its turn.
    mutating func serve(_ job: Job) {
        guard sharing.fair != .none else { return }
        let spot = spot(of: job)
        turns[spot.priority]?.serve(group: spot.group)
    }

    mutating func shrink() {
        for priority in turns.keys { turns[priority]?.shrink() }
    }

    /// Forgets the highest priorities at which nobody waits any more, and who had a turn there.
    private mutating func forgetEmpty() {
        while let highest = priorities.first, turns[highest]?.numbers.isEmpty ?? true, priorities.count > 1 {
            turns[highest] = nil
            priorities.removeFirst()
        }
    }

    private func spot(of job: Job) -> WaitingSpot {
        let name =
            switch sharing.fair {
            case .owner: job.asked.owner ?? ""
            case .key: job.asked.terms.limitKey?.description ?? ""
            case .none: ""
            }
        let group = TurnIndex.Group(name: name, account: late == nil ? nil : job.asked.account)
        return WaitingSpot(priority: job.asked.priority, group: group, jobType: job.asked.jobType)
    }

    // MARK: Keys

    /// Whether another job of a key may be started.
    func isFree(_ key: String) -> Bool { keys.isFree(key) }

    private mutating func occupy(_ key: String, by change: Int) {
        guard let isFree = keys.occupy(key, by: change) else { return }
        for spot in keys.spots[key] {
            turns[spot.priority]?
                .setFree(isFree, in: .init(jobType: spot.jobType, key: key), group: spot.group)
        }
    }

    // MARK: What can be seen

    /// Jobs that have a slot; of one limit key, or of all when it is nil.
    func runningJobs(of key: String? = nil) -> [JobID] {
        slots.filter { key == nil || $0.value == key }.map(\.key).sorted { $0.description < $1.description }
    }

    /// The job that came first of those that wait, whatever its priority.
    var first: JobID? { turns.values.compactMap(\.numbers.first).min().flatMap { ids[$0] } }

    /// How many come before a waiting job, by priority and order.
    func position(of job: Job) -> Int {
        priorities.filter { $0 > job.asked.priority }.reduce(0) { $0 + (turns[$1]?.numbers.count ?? 0) }
            + (turns[job.asked.priority]?.numbers.count(below: job.number) ?? 0)
    }
}
