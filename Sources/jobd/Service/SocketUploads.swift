import JobDaemon
import JobFiles
import JobModel
import JobWire

/// Uploads over the control socket, from their first byte until they are adopted; belongs to the disk's queue.
struct SocketUploads {
    /// How long the sender of an upload may be silent.
    let patience: Duration

    private final class Open {
        var upload: Upload?
        var touched = ContinuousClock.now

        init(_ upload: consuming Upload) { self.upload = consume upload }
    }

    private var open: [FileID: Open] = [:]
    private var arrived: [FileID: ArrivedUpload] = [:]

    init(patience: Duration) { self.patience = patience }

    mutating func begin(_ name: String, through intake: UploadIntake) throws(UploadError) -> FileID {
        var generator = SystemRandomNumberGenerator()
        let id = FileID.make(at: SystemClock().now, using: &generator)
        open[id] = Open(try Upload(id, .init(name: name), through: intake))
        return id
    }

    /// What fails is final.
    mutating func append(_ bytes: [UInt8], to id: FileID) throws {
        guard let upload = open[id] else { throw Refusal.noUpload(id) }
        do {
            upload.touched = .now
            try bytes.withUnsafeBytes { try upload.upload?.append($0) }
        } catch {
            open[id] = nil
            throw error
        }
    }

    mutating func commit(_ id: FileID, sha256: String?) throws -> JobFile {
        guard let open = open.removeValue(forKey: id), let upload = open.upload.take() else {
            throw Refusal.noUpload(id)
        }
        let whole = try upload.commit(sha256: sha256)
        arrived[id] = whole
        return whole.file
    }

    mutating func drop(_ ids: [FileID]) {
        for id in ids {
            open[id] = nil
            arrived[id] = nil
        }
    }

    /// Lets go of an upload that was adopted, or never will be.
    mutating func forget(_ id: FileID) { arrived[id] = nil }

    /// Ends those that stood still for too long.
    mutating func dropSilent() -> [FileID] {
        let earliest = ContinuousClock.now - patience
        let silent = open.filter { $0.value.touched < earliest }.map(\.key)
        drop(silent)
        return silent
    }
}
