/// All that a map keeps in step with its jobs.
struct JobIndexes: JobIndex {
    var queues: QueueIndex
    var timers: TimerIndex
    var limits = TimeLimitIndex()
    var dependencies = DependencyIndex()
    var dedupe = DedupeIndex()
    var batches = BatchIndex()
    var quotas = QuotaIndex()
    var arrivals = ArrivalIndex()

    init(rules: Rules, start: Timestamp) {
        queues = QueueIndex(sharing: rules.sharing, runningLimit: rules.quotas.owner.runningJobs)
        timers = TimerIndex(applicationSilence: rules.applicationSilence, reconnect: rules.reconnect, start: start)
    }

    mutating func add(_ job: Job, among records: JobRecords) {
        queues.add(job, among: records)
        timers.add(job, among: records)
        limits.add(job, among: records)
        dependencies.add(job, among: records)
        dedupe.add(job, among: records)
        batches.add(job, among: records)
        quotas.add(job, among: records)
        arrivals.add(job, among: records)
    }

    mutating func remove(_ job: Job, among records: JobRecords) {
        queues.remove(job, among: records)
        timers.remove(job, among: records)
        limits.remove(job, among: records)
        dependencies.remove(job, among: records)
        dedupe.remove(job, among: records)
        batches.remove(job, among: records)
        quotas.remove(job, among: records)
        arrivals.remove(job, among: records)
    }

    mutating func shrink() {
        queues.shrink()
        timers.shrink()
        limits.shrink()
        dependencies.shrink()
        dedupe.shrink()
        batches.shrink()
        quotas.shrink()
        arrivals.shrink()
    }
}
