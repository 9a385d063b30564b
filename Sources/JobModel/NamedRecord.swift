package import JSON

/// What is stored under a name beside jobs and files, and changes by events as they do.
package enum NamedRecord: Hashable, Sendable {
    case batch(JobBatch)
    case schedule(Schedule)
    case upload(UploadRecord)
    /// There while nothing is to be started.
    case drain(revision: Int64)

    /// Under which it is stored; of one kind each.
    package var id: RecordID {
        switch self {
        case .batch(let batch): .batch(batch.batchId)
        case .schedule(let schedule): .schedule(schedule.name)
        case .upload(let upload): .upload(upload.fileId)
        case .drain: .drain
        }
    }

    /// Counts stored states, from 1; a store refuses a change of any other revision than its own.
    package var revision: Int64 {
        switch self {
        case .batch(let batch): batch.revision
        case .schedule(let schedule): schedule.revision
        case .upload(let upload): upload.revision
        case .drain(let revision): revision
        }
    }

    /// Whether the map must hold it: it may forget a batch that has ended.
    package var isActive: Bool {
        switch self {
        case .batch(let batch): batch.finishedAt == nil
        case .schedule, .upload, .drain: true
        }
    }

    /// Nil when it is something else.
    package var batch: JobBatch? { if case .batch(let batch) = self { batch } else { nil } }

    /// Nil when it is something else.
    package var upload: UploadRecord? { if case .upload(let upload) = self { upload } else { nil } }

    /// Nil when it is something else.
    package var schedule: Schedule? { if case .schedule(let schedule) = self { schedule } else { nil } }

    /// As a store keeps it, beside its name and its revision.
    package var json: JSONValue {
        switch self {
        case .batch(let batch): batch.json
        case .schedule(let schedule): schedule.json
        case .upload(let upload): upload.json
        case .drain: [:]
        }
    }

    /// Nil when it does not mean what is kept under such a name.
    package init?(id: RecordID, revision: Int64, json: JSONValue) {
        switch id {
        case .batch(let id):
            guard let batch = JobBatch(id, revision: revision, json: json) else { return nil }
            self = .batch(batch)
        case .schedule(let name):
            guard let schedule = Schedule(name, revision: revision, json: json) else { return nil }
            self = .schedule(schedule)
        case .upload(let id):
            guard let upload = UploadRecord(id, revision: revision, json: json) else { return nil }
            self = .upload(upload)
        case .drain: self = .drain(revision: revision)
        case .job, .file, .queue, .dedupeKey, .timeZone: return nil
        }
    }
}

/// The coming (`before` nil), change, or going (`after` nil) of a named record.
package struct NamedEvent: Hashable, Sendable {
    /// Of the record before and after.
    package let id: RecordID
    /// Nil when the record is new.
    package let before: NamedRecord?
    /// Nil when the record goes.
    package let after: NamedRecord?

    package init(id: RecordID, before: NamedRecord?, after: NamedRecord?) {
        self.id = id
        self.before = before
        self.after = after
    }
}
