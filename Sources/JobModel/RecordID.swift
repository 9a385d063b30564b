/// The name of anything that is stored under an id and changes by events.
package enum RecordID: Hashable, Sendable, CustomStringConvertible {
    case job(JobID)
    case file(FileID)
    case queue(String)
    case batch(BatchID)
    case schedule(ScheduleName)
    /// A resumable upload.
    case upload(FileID)
    /// Whether anything is to be started.
    case drain
    /// The jobs that have a key.
    case dedupeKey(JobKey)
    /// What clocks show there, by a name of the system's database.
    case timeZone(String)

    /// For people: the kind and the name, `job NAME`.
    package var description: String {
        switch self {
        case .job(let id): "job \(id)"
        case .file(let id): "file \(id)"
        case .queue(let name): "queue \(name)"
        case .batch(let id): "batch \(id)"
        case .schedule(let name): "schedule \(name)"
        case .upload(let id): "upload \(id)"
        case .drain: "drain"
        case .dedupeKey(let key): "key \(key.key)"
        case .timeZone(let name): "time zone \(name)"
        }
    }
}

extension Event {
    /// What the event changes.
    package var recordId: RecordID {
        switch self {
        case .job(let event): .job(event.after.jobId)
        case .file(let event): .file(event.fileId)
        case .queue(let name, _, _): .queue(name)
        case .named(let event): event.id
        }
    }
}
