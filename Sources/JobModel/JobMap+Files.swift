/// Uploaded files, and which jobs use them.
extension JobMap {
    mutating func adopt(
        _ file: JobFile, by access: Access, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        guard self.file(file.fileId) == nil else { return }
        try checkStoredBytes(file.size, of: access.account)
        let record = FileRecord(
            file: file, createdAt: now, uses: 0, revision: 1, owner: access.owner, account: access.account)
        put(.file(FileEvent(fileId: file.fileId, before: nil, after: record)), to: &events)
    }

    mutating func deleteFile(_ id: FileID, for access: Access, to events: inout [Event]) throws(JobError) {
        guard let record = file(id), access.sees(record) else { throw .fileNotFound(id) }
        guard record.uses == 0 else { throw .fileInUse(id) }
        put(.file(FileEvent(fileId: id, before: record, after: nil)), to: &events)
    }

    /// The files of these ids, in their order.
    func resolve(_ ids: [FileID], for access: Access) throws(JobError) -> [JobFile] {
        var resolved: [JobFile] = []
        for id in ids {
            guard let record = file(id), access.sees(record) else { throw .fileNotFound(id) }
            resolved.append(record.file)
        }
        return resolved
    }

    /// Counts a job more or less for each of its files; a file that loses its last job goes.
    mutating func use(_ jobFiles: [JobFile], by change: Int, to events: inout [Event]) {
        for jobFile in jobFiles {
            guard let before = file(jobFile.fileId) else { continue }
            var after = before
            after.uses += change
            after.revision += 1
            let remains = change > 0 || after.uses > 0
            put(.file(FileEvent(fileId: jobFile.fileId, before: before, after: remains ? after : nil)), to: &events)
        }
    }
}
