package import JobDaemon
package import JobModel
import JobWire
package import NIOCore
import Synchronization

/// Files in memory, for tests that are not about files.
package final class MemoryDisk: JobDisk {
    private struct State {
        var uploads: [FileID: (name: String, bytes: [UInt8])] = [:]
        var removedFiles: [FileID] = []
        var removedArtifacts: [JobID] = []
        var oldFiles: [FileID] = []
    }

    private let loop: any EventLoop
    private let state = Mutex(State())

    package init(loop: any EventLoop) {
        self.loop = loop
    }

    package var removedFiles: [FileID] { state.withLock { $0.removedFiles } }
    package var removedArtifacts: [JobID] { state.withLock { $0.removedArtifacts } }
    /// Uploads that were begun and neither completed nor dropped.
    package var openUploads: Int { state.withLock { $0.uploads.count } }

    package func remove(file: FileID) { state.withLock { $0.removedFiles.append(file) } }

    package func removeArtifacts(of job: JobID) { state.withLock { $0.removedArtifacts.append(job) } }

    package func begin(_ name: String) -> EventLoopFuture<FileID> {
        let id = state.withLock { state in
            let id = FileID.named("file_upload_\(state.uploads.count)")
            state.uploads[id] = (name, [])
            return id
        }
        return loop.makeSucceededFuture(id)
    }

    package func append(_ bytes: [UInt8], to id: FileID) -> EventLoopFuture<Void> {
        state.withLock { $0.uploads[id]?.bytes += bytes }
        return loop.makeSucceededVoidFuture()
    }

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
        _ name: ArtifactName, of job: JobID, from offset: Int64, limit: Int
    ) -> EventLoopFuture<[UInt8]> {
        loop.makeSucceededFuture(Array("the text".utf8.dropFirst(Int(offset)).prefix(limit)))
    }

    package func oldFiles(before moment: Timestamp) -> EventLoopFuture<[FileID]> {
        loop.makeSucceededFuture(state.withLock { $0.oldFiles })
    }

    /// Has files lie on the disk since long ago.
    package func lay(oldFiles: [FileID]) { state.withLock { $0.oldFiles = oldFiles } }

    package func space() -> EventLoopFuture<DiskSpace> {
        loop.makeSucceededFuture(DiskSpace(freeBytes: 1 << 40, totalBytes: 1 << 41))
    }
}
