/// A job as everybody sees it, and the few facts that only the daemon and the stores see.
///
/// It is made of parts that change together. A new field that is shown touches five places, which the tests of a job's
/// fields name; one that is given, more (Architecture).
package struct Job: Hashable, Sendable {
    /// Its id for everybody, from its making on; taken until its tombstone has gone, too.
    package let jobId: JobID
    /// The place in the order of creation; unique, larger for later jobs.
    package let number: Int64
    /// Where in its life it is; only `JobMap` changes it.
    package var status: JobStatus
    /// 1 when created; rises with every visible change.
    package var version: Int64
    /// Counts stored states, visible or not; a store refuses a change of any other revision than its own.
    package var revision: Int64
    /// What is to be done, for whom, and under which terms.
    package var asked: Asked
    /// What it is done with.
    package var input: Input
    /// How often it was started, and how that went.
    @Boxed package var runs: Runs
    /// Who runs it, and how long he may be silent.
    @Boxed package var lease: Lease
    /// How far it is.
    @Boxed package var progress: Progress
    /// When what happened to it.
    package var times: Times
    /// What came of it.
    @Boxed package var outcome: Outcome

    /// Takes each part as it is; nothing is checked, and nothing follows from another.
    package init(
        jobId: JobID, number: Int64, status: JobStatus, version: Int64 = 1, revision: Int64 = 1, asked: Asked,
        input: Input, runs: Runs = .usual, lease: Lease = .usual, progress: Progress = .usual, times: Times,
        outcome: Outcome = .usual
    ) {
        self.jobId = jobId
        self.number = number
        self.status = status
        self.version = version
        self.revision = revision
        self.asked = asked
        self.input = input
        self.runs = runs
        self.lease = lease
        self.progress = progress
        self.times = times
        self.outcome = outcome
    }

    /// Whether anybody outside can see a difference: not, when somebody without a lease in seconds was heard and said
    /// nothing new.
    func isShownOtherwise(than other: Job) -> Bool {
        if lease.heardAt == other.lease.heardAt || lease.seconds != nil { return self != other }
        var same = self
        same.lease.heardAt = other.lease.heardAt
        return same != other
    }
}
