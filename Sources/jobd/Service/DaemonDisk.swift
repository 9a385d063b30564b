import Dispatch
import JobDaemon
import JobFiles
import JobModel
import JobSystem
import JobWire
import NIOCore
import Synchronization

/// The daemon's hands on the files area: everything that blocks happens on one serial queue, in order.
///
/// `@unchecked Sendable`: what is not otherwise protected is only touched on `queue`, which every entry to it checks.
final class DaemonDisk: JobDisk, @unchecked Sendable {
    private struct Adoption {
        let file: JobFile
        let promise: EventLoopPromise<Void>
    }

    private let intake: UploadIntake
    private let loop: any EventLoop
    private let queue = DispatchQueue(label: "jobd.disk")
    private var uploads: SocketUploads
    /// Asked for, and not begun: one sync of the directory serves all that came meanwhile.
    private let waiting = Mutex<[Adoption]>([])
    private var adoptions = Adoptions()
    /// Where the look at everything is.
    private var pieces: (files: NamesInPieces?, jobs: NamesInPieces?)
    /// What is to be removed when the backup is done; nil while none is being made.
    private var heldRemovals: [@Sendable (FilesArea) -> Void]?

    private var area: FilesArea { intake.area }

    init(intake: UploadIntake, uploadPatience: Duration = .seconds(60), loop: any EventLoop) {
        self.intake = intake
        uploads = SocketUploads(patience: uploadPatience)
        self.loop = loop
    }

    // MARK: Removing

    func remove(file: FileID) { queue.async { self.remove { $0.remove(file) } } }

    func removeArtifacts(of job: JobID, exceptOf run: Int64) {
        queue.async { self.remove { $0.removeArtifacts(of: job, exceptOf: run) } }
    }

    func removeArtifacts(of job: JobID) { queue.async { self.remove { $0.removeArtifacts(of: job) } } }

    private func remove(_ removal: @escaping @Sendable (FilesArea) -> Void) {
        dispatchPrecondition(condition: .onQueue(queue))
        if heldRemovals == nil { removal(area) } else { heldRemovals?.append(removal) }
    }

    /// Removes nothing from now on; false when that is so already.
    func holdRemovals() async -> Bool {
        await withCheckedContinuation { continuation in
            queue.async {
                let isFirst = self.heldRemovals == nil
                if isFirst { self.heldRemovals = [] }
                continuation.resume(returning: isFirst)
            }
        }
    }

    /// Makes up for what was not removed.
    func releaseRemovals() {
        queue.async {
            let removals = self.heldRemovals ?? []
            self.heldRemovals = nil
            for removal in removals { removal(self.area) }
        }
    }

    // MARK: Uploads

    func remove(partial file: FileID) { queue.async { self.area.removePartial(file) } }

    /// Not behind what is being written, and nothing waits for it.
    func partialFiles() -> EventLoopFuture<[FileID: PartialState]> {
        let promise = loop.makePromise(of: [FileID: PartialState].self)
        DispatchQueue.global(qos: .utility).async { promise.succeed(self.area.partialFiles()) }
        return promise.futureResult
    }

    func begin(_ name: String) -> EventLoopFuture<FileID> {
        onQueue { try $0.uploads.begin(name, through: $0.intake) }
    }

    func append(_ bytes: [UInt8], to id: FileID) -> EventLoopFuture<Void> {
        onQueue { try $0.uploads.append(bytes, to: id) }
    }

    func commit(_ id: FileID, sha256: String?) -> EventLoopFuture<JobFile> {
        onQueue { try $0.uploads.commit(id, sha256: sha256) }
    }

    func discard(_ ids: [FileID]) {
        guard !ids.isEmpty else { return }
        queue.async { self.uploads.drop(ids) }
    }

    func adopt(_ file: JobFile) -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        let isFirst = waiting.withLock { waiting in
            waiting.append(Adoption(file: file, promise: promise))
            return waiting.count == 1
        }
        if isFirst { queue.async { self.adoptWaiting() } }
        return promise.futureResult
    }

    private func adoptWaiting() {
        var adopted: [(adoption: Adoption, folder: FilesArea.Folder)] = []
        for adoption in waiting.withLock({ $0.takeAll() }) {
            do throws(UploadError) {
                adopted.append((adoption, try area.adopt(adoption.file)))
                adoptions.begin(adoption.file.fileId)
            } catch {
                uploads.forget(adoption.file.fileId)
                adoption.promise.fail(Refusal(error))
            }
        }
        guard !adopted.isEmpty else { return }
        do throws(SystemError) {
            try area.syncFiles()
            for (adoption, _) in adopted { adoption.promise.succeed() }
        } catch {
            for (adoption, folder) in adopted {
                adoptions.end(adoption.file.fileId, isRecorded: folder == .kept)
                uploads.forget(adoption.file.fileId)
                adoption.promise.fail(Refusal(UploadError(error)))
            }
        }
    }

    func endAdoption(of id: FileID, isRecorded: Bool) {
        queue.async {
            self.adoptions.end(id, isRecorded: isRecorded)
            self.uploads.forget(id)
        }
    }

    // MARK: Reading

    /// Not behind what is being written.
    func space() -> EventLoopFuture<DiskSpace> {
        let promise = loop.makePromise(of: DiskSpace.self)
        DispatchQueue.global().async {
            let space = self.area.space()
            promise.succeed(DiskSpace(freeBytes: space.free, totalBytes: space.total))
        }
        return promise.futureResult
    }

    func read(
        _ name: ArtifactName, of job: JobID, run: Int64?, from offset: Int64, limit: Int
    ) -> EventLoopFuture<[UInt8]> {
        onQueue { try $0.area.read(name, of: job, run: run, from: offset, limit: limit) }
    }

    func read(_ file: FileID, from offset: Int64, limit: Int) -> EventLoopFuture<[UInt8]> {
        onQueue { try $0.area.read(file, from: offset, limit: limit) }
    }

    // MARK: Artifacts

    func adopt(_ file: JobFile, as name: ArtifactName, of job: JobID, run: Int64?) -> EventLoopFuture<Void> {
        onQueue { disk in
            defer { disk.uploads.forget(file.fileId) }
            try disk.area.adopt(file, as: name, of: job, run: run)
        }
    }

    // MARK: What no record names

    func sweep(setAsideBefore moment: Timestamp) -> EventLoopFuture<[FileID]> {
        onQueue { disk in
            disk.area.sweepArriving()
            _ = disk.area.removeSetAside(before: moment)
            return disk.uploads.dropSilent()
        }
    }

    func doubtfulFiles() -> EventLoopFuture<[FileID]> {
        onQueue { $0.adoptions.ask(about: $0.adoptions.doubtful) }
    }

    func nextFiles(_ limit: Int) -> EventLoopFuture<[FileID]> {
        onQueue { disk in
            let folder = "\(disk.area.directory)/files"
            // A piece may have nothing but files that are just being adopted.
            while let names = Self.next(limit, of: &disk.pieces.files, in: folder) {
                let ids = names.filter { !["arriving", "partial"].contains($0) }.compactMap(FileID.init)
                let idle = disk.adoptions.ask(about: ids)
                if !idle.isEmpty { return idle }
            }
            return []
        }
    }

    func nextJobsWithArtifacts(_ limit: Int) -> EventLoopFuture<[JobID]> {
        onQueue { disk in
            let folder = "\(disk.area.directory)/artifacts"
            while let names = Self.next(limit, of: &disk.pieces.jobs, in: folder) {
                let ids = names.compactMap(JobID.init)
                if !ids.isEmpty { return ids }
            }
            return []
        }
    }

    /// Nil at the end, after which it begins anew.
    private static func next(_ limit: Int, of pieces: inout NamesInPieces?, in folder: String) -> [String]? {
        let reader = pieces ?? NamesInPieces(folder)
        let names = reader.next(limit)
        pieces = names.isEmpty ? nil : reader
        return names.isEmpty ? nil : names
    }

    func clear(files: [FileID]) -> EventLoopFuture<Int> {
        onQueue { disk in
            // A backup that is being made may know more than the store.
            guard disk.heldRemovals == nil else { return 0 }
            var count = 0
            for (id, isDoubtful) in disk.adoptions.takeUnknown(files) {
                if isDoubtful { disk.area.remove(id) } else if try disk.area.setAside(id) { count += 1 }
            }
            return count
        }
    }

    func setAside(artifactsOf jobs: [JobID]) -> EventLoopFuture<Int> {
        onQueue { disk in
            guard disk.heldRemovals == nil else { return 0 }
            return try jobs.count { try disk.area.setAside(artifactsOf: $0) }
        }
    }

    private func onQueue<Value: Sendable>(
        _ body: @escaping @Sendable (DaemonDisk) throws -> Value
    ) -> EventLoopFuture<Value> {
        let promise = loop.makePromise(of: Value.self)
        queue.async { promise.completeWith(Result { try body(self) }.mapError(Self.told)) }
        return promise.futureResult
    }

    private static func told(_ error: any Error) -> any Error {
        switch error {
        case let error as SystemError: Refusal(UploadError(error))
        case let error as UploadError: Refusal(error)
        default: error
        }
    }
}

extension Array {
    fileprivate mutating func takeAll() -> [Element] {
        defer { self = [] }
        return self
    }
}
