/// Who runs and who waits in each queue.
struct QueueIndex: JobIndex {
    private var states: [String: QueueState] = [:]
    /// Queues that have more to start than one decision may.
    private(set) var unfinished: Set<String> = []
    private var sharing: [String: Rules.Sharing]
    /// How many jobs of an account run before those of others are started first; 0: as many as there are slots.
    private var runningLimit: Int
    /// Jobs of each account that have a slot, in all queues; not counted without a limit.
    private var running: [Account: Int] = [:]

    init(sharing: [String: Rules.Sharing], runningLimit: Int) {
        self.sharing = sharing
        self.runningLimit = runningLimit
    }

    /// Queues that have jobs or a pause.
    var names: some Sequence<String> {
        states.lazy.filter { $0.value.isPaused || $0.value.counts.active > 0 }.map(\.key)
    }

    subscript(name: String) -> QueueState { states[name] ?? QueueState() }

    mutating func setPaused(_ isPaused: Bool, _ name: String) { change(name) { $0.isPaused = isPaused } }

    mutating func setUnfinished(_ name: String, _ isUnfinished: Bool) {
        if isUnfinished { unfinished.insert(name) } else { unfinished.remove(name) }
    }

    /// Puts other rules in force for how slots are shared; queues whose rules change are made anew.
    mutating func setSharing(_ sharing: [String: Rules.Sharing], runningLimit: Int, among records: JobRecords) {
        let names = Set(sharing.keys).union(self.sharing.keys)
        var changed = names.filter { sharing[$0] != self.sharing[$0] && states[$0] != nil }
        if runningLimit != self.runningLimit {
            changed = Set(states.keys)
            running = [:]
        }
        self.sharing = sharing
        self.runningLimit = runningLimit
        guard !changed.isEmpty else { return }
        for name in changed {
            var fresh = makeState(name)
            fresh.isPaused = self[name].isPaused
            fresh.usualRun = self[name].usualRun
            states[name] = fresh
        }
        for case .job(let job) in records.values where changed.contains(job.asked.queue) && !job.status.isFinal {
            change(job.asked.queue) { $0.add(job) }
        }
        guard runningLimit > 0 else { return running = [:] }
        running = [:]
        for case .job(let job) in records.values { count(job, by: 1) }
    }

    private func makeState(_ name: String) -> QueueState {
        QueueState(
            sharing: sharing[name] ?? Rules.Sharing(),
            late: runningLimit > 0 ? Set(running.filter { $0.value >= runningLimit }.keys) : nil)
    }

    /// Counts a job that has a slot, and says to all queues when its account has come to the limit, or below it.
    private mutating func count(_ job: Job, by change: Int) {
        guard runningLimit > 0, job.holdsSlot, let account = job.asked.account else { return }
        let before = running[account] ?? 0
        let after = before + change
        running[account] = after > 0 ? after : nil
        guard (before >= runningLimit) != (after >= runningLimit) else { return }
        for name in states.keys { states[name]?.setLate(after >= runningLimit, account) }
    }

    /// The job that gets a slot now, and who gets it; nil when there is no slot, nobody may have it, or nobody asks.
    mutating func takeNext(
        _ name: String, width: Int, in records: JobRecords, asked offers: inout Offers, rules: Rules
    ) -> (Job, Holder)? {
        guard states[name]?.mayStart(width: width) == true else { return nil }
        var holders: [String: Holder] = [:]
        // Not held while the state changes, which would copy it.
        for type in self[name].waitingTypes { holders[type] = offers.holder(of: type, in: name, rules) }
        guard let next = states[name]?.next(of: holders.keys), let job = records[next]?.job,
            let holder = holders[job.asked.jobType]
        else { return nil }
        states[name]?.serve(job)
        return (job, holder)
    }

    /// Takes note how long a run of a queue took.
    mutating func noteRun(_ duration: Duration, of name: String) {
        change(name) { state in
            state.usualRun = state.usualRun.map { ($0 * 7 + duration) / 8 } ?? duration
        }
    }

    mutating func add(_ job: Job, among records: JobRecords) {
        guard !job.status.isFinal else { return }
        change(job.asked.queue) { $0.add(job) }
        count(job, by: 1)
    }

    mutating func remove(_ job: Job, among records: JobRecords) {
        guard !job.status.isFinal else { return }
        change(job.asked.queue) { $0.remove(job) }
        count(job, by: -1)
    }

    mutating func shrink() {
        for name in states.keys { states[name]?.shrink() }
    }

    private mutating func change(_ name: String, _ change: (inout QueueState) -> Void) {
        if states[name] == nil { states[name] = makeState(name) }
        change(&states[name, default: QueueState()])
    }
}
