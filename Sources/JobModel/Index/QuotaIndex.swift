/// What each account has, and all of them together: open jobs as they are in the map, bytes as events change them.
struct QuotaIndex: JobIndex {
    struct Use: Hashable, Sendable {
        var openJobs = 0
        var storedBytes: Int64 = 0
    }

    private var uses: [Account: Use] = [:]
    /// With what nobody is charged for.
    private(set) var total = Use()

    func use(of account: Account?) -> Use { account.flatMap { uses[$0] } ?? Use() }

    /// Takes over what is stored already; nil is what nobody is charged for.
    mutating func load(bytes: [Account?: Int64]) {
        for (account, bytes) in bytes { change(account) { $0.storedBytes = $0.storedBytes.adding(bytes) } }
    }

    mutating func add(_ job: Job, among records: JobRecords) { count(job, by: 1) }

    mutating func remove(_ job: Job, among records: JobRecords) { count(job, by: -1) }

    /// Counts what an event stores, or takes that back.
    mutating func count(_ event: Event, isUndone: Bool = false) {
        guard let stored = event.storedBytes else { return }
        let bytes = isUndone ? -stored.change : stored.change
        change(stored.account) { $0.storedBytes = $0.storedBytes.adding(bytes) }
    }

    mutating func shrink() { uses.shrink() }

    private mutating func count(_ job: Job, by change: Int) {
        guard !job.status.isFinal else { return }
        self.change(job.asked.account) { $0.openJobs += change }
    }

    private mutating func change(_ account: Account?, _ body: (inout Use) -> Void) {
        body(&total)
        guard let account else { return }
        var use = uses.removeValue(forKey: account) ?? Use()
        body(&use)
        if use != Use() { uses[account] = use }
    }
}

extension Event {
    /// By how many bytes of files, and of what jobs made, it changes what is stored, and who is charged for them; nil for none.
    package var storedBytes: (account: Account?, change: Int64)? {
        switch self {
        case .job(let event):
            let (before, after) = (event.before?.madeBytes ?? 0, event.after.madeBytes)
            return before == after ? nil : (event.before?.account ?? event.after.account, after.adding(-before))
        case .file(let event):
            let (before, after) = (event.before?.file.size ?? 0, event.after?.file.size ?? 0)
            return before == after ? nil : (event.before?.account ?? event.after?.account, after.adding(-before))
        case .queue, .named: return nil
        }
    }
}

extension JobRecord {
    fileprivate var account: Account? { if case .job(let job) = self { job.asked.account } else { nil } }
    fileprivate var madeBytes: Int64 { if case .job(let job) = self { job.madeBytes } else { 0 } }
}

extension Job {
    /// The bytes of what its runs made.
    package var madeBytes: Int64 { outcome.artifacts.reduce(0) { $0.adding($1.size) } }
}
