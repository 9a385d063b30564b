package import JobDaemon
package import JobModel
import JobTesting
import JobWire
package import NIOCore
import Synchronization

/// Files in memory, for tests that are not about files.
package final class MemoryDisk: JobDisk {
    private struct State {
        var uploads: [FileID: (name: String, bytes: [UInt8])] = [:]
        var removedFiles: [FileID] = []
        var removedArtifacts: [JobID] = []
        /// The only runs that were left, as JOB/RUN.
        var keptRuns: [String] = []
        /// Adopted, with or without a record.
        var files: Set<FileID> = []
        var jobsWithArtifacts: [JobID] = []
        var artifacts: [String] = []
        var adoptions = Adoptions()
        var setAside: [FileID] = []
        var artifactsSetAside: [JobID] = []
        var missing: Set<FileID> = []
        var listed = (files: false, jobs: false)
        var isHolding = false
        var held: [EventLoopPromise<FileID>] = []
        var appendsFail = false
        var wholeLooks = 0
        var partial: [FileID: PartialState] = [:]
        var removedPartial: [FileID] = []
    }

    private let loop: any EventLoop
    private let state = Mutex(State())

    package init(loop: any EventLoop) {
        self.loop = loop
    }

    package var removedFiles: [FileID] { state.withLock { $0.removedFiles } }
    package var removedArtifacts: [JobID] { state.withLock { $0.removedArtifacts } }
    package var keptRuns: [String] { state.withLock { $0.keptRuns } }
    /// Uploads that were begun and neither completed nor dropped.
    package var openUploads: Int { state.withLock { $0.uploads.count } }

    package func remove(file: FileID) {
        state.withLock { state in
            state.files.remove(file)
            state.removedFiles.append(file)
        }
    }

    package func removeArtifacts(of job: JobID, exceptOf run: Int64) {
        state.withLock { $0.keptRuns.append("\(job)/\(run)") }
    }

    package func removeArtifacts(of job: JobID) {
        state.withLock { state in
            state.jobsWithArtifacts.removeAll { $0 == job }
            state.removedArtifacts.append(job)
        }
    }

    package func remove(partial file: FileID) {
        state.withLock { state in
            state.partial[file] = nil
            state.removedPartial.append(file)
        }
    }

    package var removedPartial: [FileID] { state.withLock { $0.removedPartial } }

    /// Has so much of a resumable upload lie on the disk.
    package func lay(_ partial: PartialState, of file: FileID) { state.withLock { $0.partial[file] = partial } }

    package func partialFiles() -> EventLoopFuture<[FileID: PartialState]> {
        loop.makeSucceededFuture(state.withLock { $0.partial })
    }

    package func begin(_ name: String) -> EventLoopFuture<FileID> {
        let promise = loop.makePromise(of: FileID.self)
        let isHeld = state.withLock { state in
            if state.isHolding { state.held.append(promise) }
            return state.isHolding
        }
        if !isHeld { promise.succeed(makeUpload(name)) }
        return promise.futureResult
    }

    private func makeUpload(_ name: String) -> FileID {
        state.withLock { state in
            let id = FileID.named("file_upload_\(state.uploads.count)")
            state.uploads[id] = (name, [])
            return id
        }
    }

    /// From now on nothing that begins is answered; the returned closure makes up for it.
    package func holdBegins() -> @Sendable () -> Void {
        state.withLock { $0.isHolding = true }
        return { [self] in
            let held = state.withLock { state in
                defer { state.held = [] }
                state.isHolding = false
                return state.held
            }
            for promise in held { promise.succeed(makeUpload("late")) }
        }
    }

    /// Uploads whose begin is not answered yet.
    package var heldBegins: Int { state.withLock { $0.held.count } }

    package func append(_ bytes: [UInt8], to id: FileID) -> EventLoopFuture<Void> {
        let fails = state.withLock { state in
            if state.appendsFail { state.uploads[id] = nil } else { state.uploads[id]?.bytes += bytes }
            return state.appendsFail
        }
        return fails
            ? loop.makeFailedFuture(Refusal(UploadError.storageFull)) : loop.makeSucceededVoidFuture()
    }

    package func failAppends(_ fails: Bool) { state.withLock { $0.appendsFail = fails } }

    package func commit(_ id: FileID, sha256: String?) -> EventLoopFuture<JobFile> {
        guard let upload = state.withLock({ $0.uploads.removeValue(forKey: id) }) else {
            return loop.makeFailedFuture(Refusal(.fileNotFound, "There is no upload \(id)."))
        }
        return loop.makeSucceededFuture(
            JobFile(
                fileId: id, name: upload.name, size: Int64(upload.bytes.count), mediaType: "text/plain",
                sha256: sha256 ?? String(repeating: "0", count: 64)))
    }

    package func discard(_ ids: [FileID]) {
        state.withLock { state in for id in ids { state.uploads[id] = nil } }
    }

    package func read(
        _ name: ArtifactName, of job: JobID, run: Int64?, from offset: Int64, limit: Int
    ) -> EventLoopFuture<[UInt8]> {
        loop.makeSucceededFuture(Array("the text".utf8.dropFirst(Int(offset)).prefix(limit)))
    }

    package func read(_ file: FileID, from offset: Int64, limit: Int) -> EventLoopFuture<[UInt8]> {
        loop.makeSucceededFuture(Array("the input".utf8.dropFirst(Int(offset)).prefix(limit)))
    }

    package func adopt(
        _ file: JobFile, as name: ArtifactName, of job: JobID, run: Int64?
    ) -> EventLoopFuture<Void> {
        state.withLock { $0.artifacts.append("\(job)/\(run ?? 0)/\(name)") }
        return loop.makeSucceededVoidFuture()
    }

    /// Where artifacts of workers were put.
    package var artifacts: [String] { state.withLock { $0.artifacts } }

    package func adopt(_ file: JobFile) -> EventLoopFuture<Void> {
        let isThere = state.withLock { state in
            guard !state.missing.contains(file.fileId) else { return false }
            state.adoptions.begin(file.fileId)
            state.files.insert(file.fileId)
            return true
        }
        guard isThere else { return loop.makeFailedFuture(Refusal(.notArrived(file.fileId))) }
        return loop.makeSucceededVoidFuture()
    }

    package func endAdoption(of id: FileID, isRecorded: Bool) {
        state.withLock { $0.adoptions.end(id, isRecorded: isRecorded) }
    }

    package func sweep(setAsideBefore moment: Timestamp) -> EventLoopFuture<[FileID]> {
        loop.makeSucceededFuture([])
    }

    package func doubtfulFiles() -> EventLoopFuture<[FileID]> {
        loop.makeSucceededFuture(state.withLock { $0.adoptions.ask(about: $0.adoptions.doubtful) })
    }

    /// All at once, then none.
    package func nextFiles(_ limit: Int) -> EventLoopFuture<[FileID]> {
        loop.makeSucceededFuture(
            state.withLock { state in
                let files = state.listed.files ? [] : Array(state.files)
                state.listed.files = !files.isEmpty
                return state.adoptions.ask(about: files)
            })
    }

    package func nextJobsWithArtifacts(_ limit: Int) -> EventLoopFuture<[JobID]> {
        loop.makeSucceededFuture(
            state.withLock { state in
                let jobs = state.listed.jobs ? [] : state.jobsWithArtifacts
                state.listed.jobs = !jobs.isEmpty
                if jobs.isEmpty { state.wholeLooks += 1 }
                return jobs
            })
    }

    package func clear(files: [FileID]) -> EventLoopFuture<Int> {
        loop.makeSucceededFuture(
            state.withLock { state in
                let unknown = state.adoptions.takeUnknown(files)
                for (id, isDoubtful) in unknown {
                    state.files.remove(id)
                    if isDoubtful { state.removedFiles.append(id) } else { state.setAside.append(id) }
                }
                return unknown.count
            })
    }

    package func setAside(artifactsOf jobs: [JobID]) -> EventLoopFuture<Int> {
        state.withLock { state in
            state.jobsWithArtifacts.removeAll(where: jobs.contains)
            state.artifactsSetAside += jobs
        }
        return loop.makeSucceededFuture(jobs.count)
    }

    /// How often somebody has looked through everything.
    package var wholeLooks: Int { state.withLock { $0.wholeLooks } }

    package var setAside: [FileID] { state.withLock { $0.setAside } }
    package var artifactsSetAside: [JobID] { state.withLock { $0.artifactsSetAside } }

    /// Has files, and artifacts of jobs, lie on the disk, known or not.
    package func lay(files: [FileID] = [], artifactsOf jobs: [JobID] = []) {
        state.withLock { state in
            state.files.formUnion(files)
            state.jobsWithArtifacts += jobs
        }
    }

    /// Has an upload not arrive, whatever is said of it.
    package func lose(_ file: FileID) { state.withLock { _ = $0.missing.insert(file) } }

    package func space() -> EventLoopFuture<DiskSpace> {
        loop.makeSucceededFuture(DiskSpace(freeBytes: 1 << 40, totalBytes: 1 << 41))
    }
}
