/// Uploaded files, and which jobs use them.
extension JobMap {
    mutating func adopt(
        _ file: JobFile, by access: Access, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        guard self.file(file.fileId) == nil else { return }
        let upload = try upload(of: file, for: access)
        let account = upload.map(\.account) ?? access.account
        try checkStoredBytes(file.size, of: account)
        let waiting = indexes.arrivals.jobs(awaiting: file.fileId).sorted { $0.description < $1.description }
        let record = FileRecord(
            file: file, createdAt: now, uses: waiting.count, revision: 1, owner: upload.map(\.owner) ?? access.owner,
            account: account)
        put(.file(FileEvent(fileId: file.fileId, before: nil, after: record)), to: &events)
        if let upload { finish(upload, at: now, to: &events) }
        for id in waiting { arrive(file, for: id, at: now, to: &events) }
    }

    mutating func deleteFile(_ id: FileID, for access: Access, to events: inout [Event]) throws(JobError) {
        guard let record = file(id), access.sees(record) else { throw .fileNotFound(id) }
        guard record.uses == 0 else { throw .fileInUse(id) }
        put(.file(FileEvent(fileId: id, before: record, after: nil)), to: &events)
        forgetUpload(id, to: &events)
    }

    /// Takes note that a file has come whole that a job waits for; with the last one the job has its input.
    private mutating func arrive(_ file: JobFile, for id: JobID, at now: Timestamp, to events: inout [Event]) {
        guard let job = record(id)?.job else { return }
        let files = job.input.files.map { $0.fileId == file.fileId ? file : $0 }
        // One that the application runs meanwhile goes on without.
        let starts = job.waitsForInput && files.allSatisfy(\.isWhole)
        put(starts ? .queued : .updated, job, at: now, to: &events) { job in
            job.input.files = files
            guard starts else { return }
            job.input.isWhole = true
            job.enqueue(at: now)
        }
        if starts { fill(job.asked.queue, at: now, events: &events) }
    }

    /// The files of a request's `fileIds`, in their order; of uploads that have not come whole what was announced.
    func resolve(_ ids: [FileID], for access: Access) throws(JobError) -> [JobFile] {
        var resolved: [JobFile] = []
        for (index, id) in ids.enumerated() {
            if let record = file(id), access.sees(record) {
                resolved.append(record.file)
            } else if let upload = upload(id), access.sees(upload), upload.isAwaited {
                resolved.append(upload.announced)
            } else {
                throw .within(pointer: "/fileIds/\(index)", .fileNotFound(id))
            }
        }
        return resolved
    }

    /// The files of a job that is to run again: those that have come since are whole.
    func arrived(_ files: [JobFile]) -> [JobFile] {
        files.map { $0.isWhole ? $0 : file($0.fileId)?.file ?? $0 }
    }

    /// Whether a job waits for an upload that was taken back, or has expired.
    func waitsInVain(_ job: Job) -> Bool {
        job.input.files.contains { !$0.isWhole && upload($0.fileId) == nil && file($0.fileId) == nil }
    }

    /// Counts a job more or less for each of its files; a file that loses its last job goes.
    mutating func use(_ jobFiles: [JobFile], by change: Int, to events: inout [Event]) {
        // What has not come whole is counted when it has.
        for jobFile in jobFiles where jobFile.isWhole {
            guard let before = file(jobFile.fileId) else { continue }
            var after = before
            after.uses += change
            after.revision += 1
            let remains = change > 0 || after.uses > 0
            put(.file(FileEvent(fileId: jobFile.fileId, before: before, after: remains ? after : nil)), to: &events)
            if !remains { forgetUpload(jobFile.fileId, to: &events) }
        }
    }
}
