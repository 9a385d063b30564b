package import JobModel

/// Runs jobs that have a slot; says how it goes by `Daemon.propose(_:)`.
package protocol JobRunner: Sendable {
    /// Starts the job's present run, whose start is durable. Returns at once.
    func run(_ job: Job)

    /// Ends a run; its outcome follows. Returns at once, and does nothing when it has ended.
    func cancel(_ id: JobID, run: Int64)

    /// Ends everything that runs; returns when it has said so of each run.
    func stop() async

    /// Whether it can keep what it runs apart; a change is said by `Daemon.sandboxChanged()`.
    var sandboxState: SandboxState { get }
}

/// Whether steps run in rooms of their own.
package enum SandboxState: Hashable, Sendable {
    case off
    /// Each step has a room. Whether the kernel holds it to its memory; else its room does, which watches it.
    case working(isMemoryHeld: Bool)
    /// No room can be made, and no step runs until one can.
    case failing(reason: String)
}
