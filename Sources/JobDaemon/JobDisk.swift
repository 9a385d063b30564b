package import JobModel
package import NIOCore

/// The files behind the records; it alone changes what is kept.
package protocol JobDisk: Sendable {
    /// Removes a file that no record names any more; returns at once.
    func remove(file: FileID)

    /// Removes what a deleted job made; returns at once.
    func removeArtifacts(of job: JobID)

    /// Removes what earlier runs of a job made, or others that came to nothing; returns at once.
    func removeArtifacts(of job: JobID, exceptOf run: Int64)

    /// Removes what has come of a resumable upload; returns at once.
    func remove(partial file: FileID)

    /// What has come of each resumable upload.
    func partialFiles() -> EventLoopFuture<[FileID: PartialState]>

    /// Begins an upload over the control socket.
    func begin(_ name: String) -> EventLoopFuture<FileID>

    /// Appends to an upload; calls of one upload keep their order. What fails ends the upload.
    func append(_ bytes: [UInt8], to id: FileID) -> EventLoopFuture<Void>

    /// Completes an upload, which has arrived when the future succeeds.
    func commit(_ id: FileID, sha256: String?) -> EventLoopFuture<JobFile>

    /// Drops uploads that were begun and will not be completed.
    func discard(_ ids: [FileID])

    /// Looks at an upload that has arrived, here or in a front, and keeps it; that is durable when the future succeeds.
    func adopt(_ file: JobFile) -> EventLoopFuture<Void>

    /// Says whether an adopted upload got its record; without, it is among the next ``doubtfulFiles()``.
    func endAdoption(of id: FileID, isRecorded: Bool)

    /// At most `limit` bytes of an artifact from an offset.
    func read(
        _ name: ArtifactName, of job: JobID, run: Int64?, from offset: Int64, limit: Int
    ) -> EventLoopFuture<[UInt8]>

    /// At most `limit` bytes of a file that is kept, from an offset.
    func read(_ file: FileID, from offset: Int64, limit: Int) -> EventLoopFuture<[UInt8]>

    /// Makes an upload that has arrived an artifact of a run; that is durable when the future succeeds.
    func adopt(_ file: JobFile, as name: ArtifactName, of job: JobID, run: Int64?) -> EventLoopFuture<Void>

    /// The room that the storage directory has.
    func space() -> EventLoopFuture<DiskSpace>

    // MARK: What no record names

    /// Removes what nobody writes any more, and what was set aside before a moment.
    ///
    /// - Returns: Uploads over the control socket that stood still, and are over.
    func sweep(setAsideBefore moment: Timestamp) -> EventLoopFuture<[FileID]>

    /// Uploads that were adopted by this daemon and may have got no record.
    func doubtfulFiles() -> EventLoopFuture<[FileID]>

    /// The next files that are kept, at most so many; none after the last, and then from the beginning.
    func nextFiles(_ limit: Int) -> EventLoopFuture<[FileID]>

    /// The same of jobs that have artifacts.
    func nextJobsWithArtifacts(_ limit: Int) -> EventLoopFuture<[JobID]>

    /// Takes files away of which no record was found since they were named here; one that was adopted meanwhile stays.
    ///
    /// - Returns: How many were set aside. Those that this daemon adopted are removed.
    func clear(files: [FileID]) -> EventLoopFuture<Int>

    /// Sets aside the artifacts of jobs that the store never knew.
    ///
    /// - Returns: How many jobs had some.
    func setAside(artifactsOf jobs: [JobID]) -> EventLoopFuture<Int>
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
