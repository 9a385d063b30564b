package import JobModel

/// What the map starts from.
package struct Snapshot: Sendable {
    /// Every job that is not final, in order of creation.
    package var jobs: [Job]
    /// Names, of queues that the configuration may have lost.
    package var pausedQueues: [String]
    /// What others of the jobs wait for and that has ended.
    package var awaited: [JobRecord]
    /// Every schedule, every batch that is open, and whether all is drained.
    package var named: [NamedRecord]
    /// Above the number of every job that ever was.
    package var nextNumber: Int64
    /// The reading of the clock that was kept last; nil in a store that is new.
    package var clock: ClockAnchor?
    /// What is wrong with each job that cannot be read, a sentence each.
    package var damage: [String]

    package init(
        jobs: [Job] = [], pausedQueues: [String] = [], nextNumber: Int64 = 1, clock: ClockAnchor? = nil,
        damage: [String] = [], awaited: [JobRecord] = [], named: [NamedRecord] = []
    ) {
        self.jobs = jobs
        self.pausedQueues = pausedQueues
        self.nextNumber = nextNumber
        self.clock = clock
        self.damage = damage
        self.awaited = awaited
        self.named = named
    }
}
