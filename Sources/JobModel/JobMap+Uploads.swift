/// Resumable uploads, from their announcement until their file has been stored for a while.
extension JobMap {
    /// An upload, under way or finished; nil when there is none of this id.
    package func upload(_ id: FileID) -> UploadRecord? { named(.upload(id))?.upload }

    /// All of them; the map knows each.
    package var uploadIds: Set<FileID> { uploads.ids }

    /// The upload of an id that a client named.
    private func existing(_ id: FileID, for access: Access) throws(JobError) -> UploadRecord {
        guard let record = upload(id), access.sees(record) else { throw .uploadNotFound(id) }
        return record
    }

    func checkUpload(_ id: FileID, for access: Access) throws(JobError) { _ = try existing(id, for: access) }

    mutating func create(
        _ creation: UploadCreation, by access: Access, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        // Said again, because the first answer was lost.
        if upload(creation.fileId) != nil { return try checkUpload(creation.fileId, for: access) }
        let length = try length(of: creation, for: access)
        try rules.quotas.check(
            .unfinishedUploads, of: access.account, own: Int64(uploads.unfinishedCount(of: access.account) + 1),
            all: Int64(uploads.unfinishedCount + 1))
        // Its parts go when it is there.
        if creation.kind.parts.isEmpty { try checkStoredBytes(length ?? 0, of: access.account) }
        let record = UploadRecord(
            creation, owner: access.owner, account: access.account, createdAt: now, length: length)
        replace(upload: creation.fileId, nil, with: record, to: &events)
    }

    private func length(of creation: UploadCreation, for access: Access) throws(JobError) -> Int64? {
        guard case .joined(let parts) = creation.kind else { return creation.length }
        var sum: Int64 = 0
        for id in parts {
            let part = try existing(id, for: access)
            guard part.kind == .part else {
                throw .invalid(pointer: "/parts", reason: "The upload \(id) is not a part.")
            }
            guard let length = part.length else {
                throw .invalid(pointer: "/parts", reason: "The part \(id) is not complete.")
            }
            sum = sum.adding(length)
        }
        return sum
    }

    mutating func setLength(
        of id: FileID, to length: Int64, for access: Access, to events: inout [Event]
    ) throws(JobError) {
        let record = try existing(id, for: access)
        guard record.length != length else { return }
        guard record.length == nil else {
            throw .invalid(pointer: "/length", reason: "The upload \(id) has another length already.")
        }
        try checkStoredBytes(length, of: record.account)
        var after = record
        after.length = length
        replace(upload: id, record, with: after, to: &events)
    }

    /// Takes an upload back: what has come of it, and its file.
    mutating func deleteUpload(_ id: FileID, for access: Access, to events: inout [Event]) throws(JobError) {
        let record = try existing(id, for: access)
        if record.finishedAt != nil, let file = file(id) {
            guard file.uses == 0 else { throw .fileInUse(id) }
            put(.file(FileEvent(fileId: id, before: file, after: nil)), to: &events)
        }
        replace(upload: id, record, with: nil, to: &events)
    }

    /// Forgets an upload, and what has come of one that is not finished; a stored file stays.
    mutating func forgetUpload(_ id: FileID, to events: inout [Event]) {
        guard let record = upload(id) else { return }
        replace(upload: id, record, with: nil, to: &events)
    }

    /// What a file that is stored now is an upload of; nil for one that came as a whole.
    ///
    /// - Throws: When it is not what was announced.
    func upload(of file: JobFile, for access: Access) throws(JobError) -> UploadRecord? {
        guard let record = upload(file.fileId) else { return nil }
        guard access.sees(record) else { throw .uploadNotFound(file.fileId) }
        guard record.kind != .part, record.length == file.size else {
            throw .invalid(pointer: "/size", reason: "The upload \(file.fileId) is not complete.")
        }
        return record
    }

    /// Takes note that the file of an upload is stored; its parts go.
    mutating func finish(_ record: UploadRecord, at now: Timestamp, to events: inout [Event]) {
        for part in record.parts { forgetUpload(part, to: &events) }
        var after = record
        after.finishedAt = now
        replace(upload: record.fileId, record, with: after, to: &events)
    }

    private mutating func replace(
        upload id: FileID, _ before: UploadRecord?, with after: UploadRecord?, to events: inout [Event]
    ) {
        var after = after
        if let before { after?.revision = before.revision + 1 }
        put(
            .named(
                NamedEvent(
                    id: .upload(id), before: before.map(NamedRecord.upload), after: after.map(NamedRecord.upload))),
            to: &events)
    }
}
