import JobModel

/// Ids that somebody reads from the store now, until what was found has been used; they are not forgotten meanwhile.
///
/// A read says how things were when it began. What was told of an id since then is in memory, and stays there.
struct LookUps {
    /// What a command names and the map does not know.
    struct Names {
        var jobs: Set<JobID> = []
        var files: Set<FileID> = []

        var isEmpty: Bool { jobs.isEmpty && files.isEmpty }

        func union(_ other: Names) -> Names {
            Names(jobs: jobs.union(other.jobs), files: files.union(other.files))
        }

        func subtracting(_ other: Names) -> Names {
            Names(jobs: jobs.subtracting(other.jobs), files: files.subtracting(other.files))
        }
    }

    private var jobs: [JobID: Int] = [:]
    private var files: [FileID: Int] = [:]

    func contains(_ id: JobID) -> Bool { jobs[id] != nil }

    func contains(_ id: FileID) -> Bool { files[id] != nil }

    mutating func begin(_ names: Names) { count(names, by: 1) }

    mutating func end(_ names: Names) { count(names, by: -1) }

    private mutating func count(_ names: Names, by change: Int) {
        for id in names.jobs { Self.count(id, by: change, in: &jobs) }
        for id in names.files { Self.count(id, by: change, in: &files) }
    }

    private static func count<ID: Hashable>(_ id: ID, by change: Int, in counts: inout [ID: Int]) {
        let count = (counts[id] ?? 0) + change
        counts[id] = count > 0 ? count : nil
    }
}

extension Command {
    /// What must be known before the command is decided.
    ///
    /// A create does not ask for its id: it is decided as if the id were new. When the store knows it, the commit says so;
    /// before it is refused, the store is asked after all.
    func names(in map: JobMap) -> LookUps.Names {
        var names = LookUps.Names()
        if let id = jobToKnow, map.record(id) == nil { names.jobs = [id] }
        names.files = Set(filesToKnow(in: map)).filter { !map.knows($0) }
        return names
    }

    /// The id of a job that this command may make.
    var jobToMake: JobID? {
        switch self {
        case .create(let creation), .process(let creation): creation.jobId
        case .update, .cancel, .retry, .delete, .adoptFile, .deleteFile, .pause, .resume, .report, .finish, .expire,
            .release, .tick, .recover:
            nil
        }
    }

    private var jobToKnow: JobID? {
        switch self {
        case .update(let id, _, _), .cancel(let id, _, _), .retry(let id, _), .delete(let id, _), .expire(let id): id
        case .create, .process, .adoptFile, .deleteFile, .pause, .resume, .report, .finish, .release, .tick, .recover:
            nil
        }
    }

    private func filesToKnow(in map: JobMap) -> [FileID] {
        switch self {
        case .create(let creation), .process(let creation): creation.fileIds ?? []
        case .delete(let id, _), .expire(let id): map.record(id)?.job?.files.map(\.fileId) ?? []
        case .deleteFile(let id): [id]
        case .update, .cancel, .retry, .adoptFile, .pause, .resume, .report, .finish, .release, .tick, .recover: []
        }
    }
}
