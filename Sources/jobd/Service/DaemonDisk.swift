import Dispatch
import JobDaemon
import JobFiles
import JobModel
import JobSystem
import JobWire
import NIOCore

/// The daemon's hands on the files area: everything that blocks happens on one serial queue, in order.
///
/// `@unchecked Sendable`: `uploads` and `heldRemovals` are only touched on `queue`, which every entry to them checks.
final class DaemonDisk: JobDisk, @unchecked Sendable {
    private final class Upload {
        let name: String
        var arrival: Arrival?

        init(name: String, arrival: consuming Arrival) {
            self.name = name
            self.arrival = consume arrival
        }
    }

    private let area: FilesArea
    private let loop: any EventLoop
    private let queue = DispatchQueue(label: "jobd.disk")
    private var uploads: [FileID: Upload] = [:]
    /// What is to be removed when the backup is done; nil while none is being made.
    private var heldRemovals: [@Sendable (FilesArea) -> Void]?

    init(area: FilesArea, loop: any EventLoop) {
        self.area = area
        self.loop = loop
    }

    func remove(file: FileID) { queue.async { self.remove { $0.remove(file) } } }

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

    func oldFiles(before moment: Timestamp) -> EventLoopFuture<[FileID]> {
        onQueue { $0.area.oldFiles(before: moment) }
    }

    /// Not behind what is being written.
    func space() -> EventLoopFuture<DiskSpace> {
        let promise = loop.makePromise(of: DiskSpace.self)
        DispatchQueue.global().async {
            let space = self.area.space()
            promise.succeed(DiskSpace(freeBytes: space.free, totalBytes: space.total))
        }
        return promise.futureResult
    }

    func begin(_ name: String) -> EventLoopFuture<FileID> {
        onQueue { disk in
            var generator = SystemRandomNumberGenerator()
            let id = FileID.make(at: SystemClock().now, using: &generator)
            disk.uploads[id] = Upload(name: name, arrival: try Arrival(id, in: disk.area))
            return id
        }
    }

    func append(_ bytes: [UInt8], to id: FileID) -> EventLoopFuture<Void> {
        onQueue { disk in
            try bytes.withUnsafeBytes { try disk.upload(id).arrival?.append($0) }
        }
    }

    func commit(_ id: FileID, sha256: String?) -> EventLoopFuture<JobFile> {
        onQueue { disk in
            let upload = try disk.upload(id)
            disk.uploads[id] = nil
            guard let arrival = upload.arrival.take() else { throw Self.missing(id) }
            if let sha256, arrival.sha256 != sha256 {
                throw Refusal(.digestMismatch, "The content has the SHA-256 digest \(arrival.sha256).")
            }
            return try arrival.commit(name: upload.name)
        }
    }

    func discard(_ ids: [FileID]) {
        guard !ids.isEmpty else { return }
        queue.async { for id in ids { self.uploads[id] = nil } }
    }

    func read(
        _ name: ArtifactName, of job: JobID, from offset: Int64, limit: Int
    ) -> EventLoopFuture<[UInt8]> {
        onQueue { try $0.area.read(name, of: job, from: offset, limit: limit) }
    }

    private func upload(_ id: FileID) throws -> Upload {
        dispatchPrecondition(condition: .onQueue(queue))
        guard let upload = uploads[id] else { throw Self.missing(id) }
        return upload
    }

    private static func missing(_ id: FileID) -> Refusal {
        Refusal(.fileNotFound, "There is no upload \(id) on this connection.")
    }

    private func onQueue<Value: Sendable>(
        _ body: @escaping @Sendable (DaemonDisk) throws -> Value
    ) -> EventLoopFuture<Value> {
        let promise = loop.makePromise(of: Value.self)
        queue.async {
            promise.completeWith(Result { try body(self) }.mapError { ($0 as? SystemError)?.refusal ?? $0 })
        }
        return promise.futureResult
    }
}

extension SystemError {
    fileprivate var refusal: Refusal {
        if isStorageFull { return Refusal(.storageFull, "There is no space left for files.") }
        return Refusal(.internalError, "\(self).")
    }
}
