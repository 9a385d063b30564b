import JSON
import JobFiles
import JobModel
import JobWire
import NIOCore

/// Takes in the bytes of resumable uploads, and has their files stored once they are complete.
///
/// Every method reads, writes or waits for the daemon, so they run on a thread that may block.
struct PieceKeeper: Sendable {
    /// How long somebody else who writes may take to make way.
    private static let patience = Duration.seconds(5)

    let uploads: KnownUploads
    let reader: PieceReader

    private var area: FilesArea { reader.intake.area }

    /// How far an upload is; one that is complete and not stored yet is stored first.
    func state(of upload: KnownUpload, for caller: Caller) throws(Refusal) -> PieceState {
        let record = upload.record
        if record.finishedAt != nil {
            return PieceState(offset: record.length ?? 0, changed: record.createdAt, isFinished: true)
        }
        var (offset, changed) = try known { () throws(UploadError) in try area.syncedPartial(record.fileId) }
        changed = max(changed, record.createdAt)
        try upload.checkTime(changed)
        guard record.kind == .file, offset == record.length else { return PieceState(offset: offset, changed: changed) }
        let file = try known { () throws(UploadError) in
            try PartialFile(record.fileId, in: area, patience: Self.patience)
        }
        offset = try store(file, upload, for: caller)
        return PieceState(offset: offset, changed: changed, isFinished: true)
    }

    /// Says how long an upload is of which that was not known; refuses another length than the one that is known.
    func setLength(_ length: Int64, of upload: KnownUpload, for caller: Caller) throws(Refusal) -> KnownUpload {
        guard upload.record.length != length else { return upload }
        let size = area.partialSize(of: upload.record.fileId)
        guard upload.record.length == nil, length >= size else {
            throw Tus.wrong("Upload-Length", "is not that of this upload")
        }
        try checkRoom(for: length - size)
        return try uploads.setLength(length, of: upload, for: caller)
    }

    // MARK: Bytes

    /// Takes a piece in, and stores the file when it was the last one.
    func take(
        _ body: any Body, announced: Int64?, into upload: KnownUpload, at offset: Int64,
        _ checksum: PieceOfUpload.Checksum?, for caller: Caller
    ) throws(Refusal) -> PieceState {
        let record = upload.record
        if record.finishedAt != nil {
            guard offset == record.length else { throw Self.conflict(at: record.length ?? 0) }
            guard announced ?? 0 == 0 else { throw Refusal(UploadError.tooLarge(maximumBytes: offset)) }
            return PieceState(offset: offset, changed: record.createdAt, isFinished: true)
        }
        var meter = UploadMeter(link: uploads.link, caller: caller)
        var stored: () -> Int64? = { nil }
        defer { meter.end(stored().map { (upload: record.fileId, stored: $0) }) }
        try meter.begin(announced: announced)
        let file = try known { () throws(UploadError) in
            try PartialFile(record.fileId, in: area, patience: Self.patience)
        }
        stored = { try? file.size() }
        let size = try known { () throws(UploadError) in try file.size() }
        let changed = try known { () throws(UploadError) in try file.changed() }
        try upload.checkTime(size > 0 ? changed : record.createdAt)
        guard size == offset else { throw Self.conflict(at: size) }
        let end = record.length ?? reader.intake.maximumBytes
        guard announced ?? 0 <= end - size else { throw Refusal(UploadError.tooLarge(maximumBytes: end)) }
        let after = try known { () throws(UploadError) in
            // A part is hashed when it is joined.
            if record.kind == .file { try file.followDigest() }
            return try PieceOfUpload(of: file, length: record.length, checksum: checksum, through: reader.intake)
        }
        let offset = try fill(after, with: body, behind: file) { (bytes) throws(Refusal) in try meter.count(bytes) }
        guard !file.isGone else { throw Refusal(.uploadNotFound, "The upload was taken back.") }
        let now = PieceState(offset: offset, changed: .now)
        guard record.kind == .file, now.offset == record.length else { return now }
        _ = try store(file, upload, for: caller)
        return PieceState(offset: now.offset, changed: now.changed, isFinished: true)
    }

    /// Reads a piece to its end, and answers how much lies on the disk; what has come of one that is cut off stays.
    private func fill(
        _ piece: consuming PieceOfUpload, with body: any Body, behind file: PartialFile,
        counting count: (Int64) throws(Refusal) -> Void
    ) throws(Refusal) -> Int64 {
        var piece = piece
        do throws(Refusal) {
            try reader.read(body, behind: file, counting: count) { (bytes) throws(UploadError) in
                try piece.append(bytes)
            }
        } catch {
            try? piece.breakOff()
            throw error
        }
        do throws(UploadError) {
            try piece.finish()
            return piece.offset
        } catch {
            throw Refusal(error)
        }
    }

    /// Has the daemon keep a file that is complete, and answers its size.
    private func store(_ file: PartialFile, _ upload: KnownUpload, for caller: Caller) throws(Refusal) -> Int64 {
        let described = try known { () throws(UploadError) in
            try file.described(as: upload.record.name, upload.record.fileId)
        }
        try uploads.adopt(described, for: caller)
        return described.size
    }

    /// Makes a file of parts.
    func join(_ parts: [FileID], _ upload: KnownUpload, for caller: Caller) throws(Refusal) -> PieceState {
        let file = try known { () throws(UploadError) in
            let file = try PartialFile(upload.record.fileId, in: area, patience: Self.patience)
            try file.join(parts, length: upload.record.length ?? 0, through: reader.intake)
            return file
        }
        let size = try store(file, upload, for: caller)
        return PieceState(offset: size, changed: .now, isFinished: true)
    }

    /// Refuses what there is no room for on the disk.
    func checkRoom(for bytes: Int64) throws(Refusal) {
        try known { () throws(UploadError) in try reader.intake.checkRoom(for: bytes) }
    }

    private static func conflict(at offset: Int64) -> Refusal {
        Refusal(
            .offsetConflict, "The upload has \(offset) bytes so far; go on there.",
            details: ["offset": JSONValue(offset)])
    }

    private func known<Value: ~Copyable>(_ body: () throws(UploadError) -> Value) throws(Refusal) -> Value {
        do throws(UploadError) { return try body() } catch { throw Refusal(error) }
    }
}
