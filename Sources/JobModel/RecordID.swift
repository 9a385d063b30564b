/// The name of anything that is stored under an id and changes by events.
package enum RecordID: Hashable, Sendable, CustomStringConvertible {
    case job(JobID)
    case file(FileID)
    case queue(String)

    package var description: String {
        switch self {
        case .job(let id): "job \(id)"
        case .file(let id): "file \(id)"
        case .queue(let name): "queue \(name)"
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
        }
    }
}
