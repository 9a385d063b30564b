import JSON
import JobModel

/// A command on its way to a decision.
struct Proposal: Sendable {
    let command: Command
    /// Nil for the daemon's own commands.
    var reply: Reply?
    /// Times that it was decided and then refused, because somebody else had changed what it names.
    var tries = 0
    /// What the store was asked about for it: of these ids, the unknown do not exist.
    ///
    /// That holds as long as none of them is forgotten, so they are kept until it is decided.
    var asked: Set<RecordID> = []
    /// What whoever wants it may do.
    var access = Access.everything

    /// The same, to be decided from the beginning: what was known for it may be forgotten by now.
    var anew: Proposal {
        var proposal = self
        proposal.asked = []
        return proposal
    }
}

extension Command {
    /// What the command names by itself.
    var names: Set<RecordID> {
        switch self {
        case .create(let creation), .process(let creation):
            Set([.job(creation.jobId)] + (creation.fileIds ?? []).map(RecordID.file))
        case .update(let id, _, _), .cancel(let id, _, _), .retry(let id, _), .delete(let id, _), .expire(let id),
            .report(let id, _, _), .finish(let id, _, _), .release(let id, _, _), .lose(let id, _):
            [.job(id)]
        case .renew(let claims): Set(claims.map { .job($0.jobId) })
        case .say(_, let claim): [.job(claim.jobId)]
        case .adoptFile(let file): [.file(file.fileId)]
        case .deleteFile(let id): [.file(id)]
        case .pause(let queue), .resume(let queue): [.queue(queue)]
        case .claim, .tick, .recover: []
        }
    }

    /// The id of a job that this command may make.
    var jobToMake: JobID? {
        switch self {
        case .create(let creation), .process(let creation): creation.jobId
        case .update, .cancel, .retry, .delete, .adoptFile, .deleteFile, .pause, .resume, .report, .finish, .expire,
            .release, .claim, .renew, .say, .lose, .tick, .recover:
            nil
        }
    }

    /// What must be known before the command is decided, and is not.
    ///
    /// A create does not ask for its id: it is decided as if the id were new. When the store knows it, the commit says so;
    /// before it is refused, the store is asked after all.
    func unknown(in map: JobMap) -> Set<RecordID> {
        switch self {
        case .create(let creation), .process(let creation):
            Self.unknown(creation.fileIds ?? [], in: map)
        case .delete(let id, _), .expire(let id):
            map.record(id) == nil ? [.job(id)] : Self.unknown(map.record(id)?.job?.files.map(\.fileId) ?? [], in: map)
        case .update(let id, _, _), .cancel(let id, _, _), .retry(let id, _): map.record(id) == nil ? [.job(id)] : []
        case .deleteFile(let id): Self.unknown([id], in: map)
        // What is not known of a lease is over: a job that runs is known.
        case .say(_, let claim): map.record(claim.jobId) == nil ? [.job(claim.jobId)] : []
        case .adoptFile, .pause, .resume, .report, .finish, .release, .claim, .renew, .lose, .tick, .recover: []
        }
    }

    private static func unknown(_ files: [FileID], in map: JobMap) -> Set<RecordID> {
        files.isEmpty ? [] : Set(files.lazy.filter { !map.knows($0) }.map(RecordID.file))
    }
}
