package import JobModel
package import NIOCore
package import JobWire

/// Runs jobs that have a place; says how it goes by `Daemon.tell(_:)`.
package protocol JobRunner: Sendable {
    /// Starts the job's present run, whose start is durable. Returns at once.
    func run(_ job: Job)

    /// Ends a run; its outcome follows. Returns at once, and does nothing when it has ended.
    func cancel(_ id: JobID, run: Int64)

    /// Ends everything that runs; returns when it has said so of each run.
    func stop() async
}

/// The files behind the records.
package protocol JobDisk: Sendable {
    /// Removes an upload that no record names any more; returns at once.
    func remove(file: FileID)

    /// Removes what a deleted job made; returns at once.
    func removeArtifacts(of job: JobID)

    /// Begins an upload over the control socket.
    func begin(_ name: String) -> EventLoopFuture<FileID>

    /// Appends to an upload; calls of one upload keep their order.
    func append(_ bytes: [UInt8], to id: FileID) -> EventLoopFuture<Void>

    /// Completes an upload; it is durable when the future succeeds, and unknown to the map.
    func commit(_ id: FileID, sha256: String?) -> EventLoopFuture<JobFile>

    /// Drops uploads that were begun and will not be completed.
    func discard(_ ids: [FileID])

    /// At most `limit` bytes of an artifact from an offset.
    func read(_ name: ArtifactName, of job: JobID, from offset: Int64, limit: Int) -> EventLoopFuture<[UInt8]>

    /// Uploads that were completed before a moment, known or not.
    func oldFiles(before moment: Timestamp) -> EventLoopFuture<[FileID]>

    /// The room that the storage directory has.
    func space() -> EventLoopFuture<DiskSpace>
}

/// The room of a file system, in bytes; 0 where it could not be found out.
package struct DiskSpace: Hashable, Sendable {
    /// What the daemon may still write.
    package var freeBytes: Int64
    package var totalBytes: Int64

    package init(freeBytes: Int64 = 0, totalBytes: Int64 = 0) {
        self.freeBytes = freeBytes
        self.totalBytes = totalBytes
    }
}

/// Where the time comes from; tests bring their own.
package protocol JobClock: Sendable {
    var now: Timestamp { get }

    /// What has passed since ``bootId``, whatever the time of day was set to.
    var passed: Duration { get }

    /// Names what ``passed`` counts from: a start of the machine.
    var bootId: String { get }

    /// Whether the kernel knows that somebody keeps the time of day right.
    var isSynchronized: Bool { get }

    /// Calls the body on the loop once at the moment, also when the clock is set meanwhile, or earlier; the returned closure,
    /// called on the loop, prevents it.
    func wake(
        at moment: Timestamp, on loop: any EventLoop, _ body: @escaping @Sendable () -> Void
    ) -> @Sendable () -> Void
}

/// Takes the answer to a request; called once, on the daemon's loop.
package typealias Reply = @Sendable (Result<ByteBuffer, Refusal>) -> Void
