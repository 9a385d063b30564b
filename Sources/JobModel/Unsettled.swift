/// How many events of each record are neither durable nor taken back.
struct Unsettled: Sendable {
    private var jobs: [JobID: Int] = [:]
    private var files: [FileID: Int] = [:]

    func contains(_ id: JobID) -> Bool { jobs[id] != nil }

    func contains(_ id: FileID) -> Bool { files[id] != nil }

    mutating func add(_ event: Event) {
        switch event {
        case .job(let event): jobs[event.after.jobId, default: 0] += 1
        case .file(let event): files[event.fileId, default: 0] += 1
        case .queue: break
        }
    }

    mutating func remove(_ event: Event) {
        switch event {
        case .job(let event): Self.release(event.after.jobId, in: &jobs)
        case .file(let event): Self.release(event.fileId, in: &files)
        case .queue: break
        }
    }

    private static func release<ID: Hashable>(_ id: ID, in counts: inout [ID: Int]) {
        guard let count = counts[id] else { return }
        counts[id] = count > 1 ? count - 1 : nil
    }
}
