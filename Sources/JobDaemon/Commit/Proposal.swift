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
            creation.names
        case .createBatch(let creation):
            creation.names
        case .cancelBatch(let id, _): [.batch(id)]
        case .drain, .undrain: [.drain]
        case .putSchedule(let name, _), .deleteSchedule(let name), .runSchedule(let name): [.schedule(name)]
        case .syncSchedules(let plans): Set(plans.keys.map(RecordID.schedule))
        case .readSchedules: []
        case .update(let id, _, _), .cancel(let id, _, _), .retry(let id, _), .delete(let id, _), .expire(let id),
            .evict(let id), .report(let id, _, _), .finish(let id, _, _), .release(let id, _, _), .lose(let id, _):
            [.job(id)]
        case .renew(let proofs): Set(proofs.map { .job($0.jobId) })
        case .say(_, let proof): [.job(proof.jobId)]
        case .adoptFile(let file): [.file(file.fileId), .upload(file.fileId)]
        case .deleteFile(let id): [.file(id), .upload(id)]
        case .createUpload(let creation):
            Set([creation.fileId] + creation.kind.parts).reduce(into: []) { $0.insert(.upload($1)) }
        case .readUpload(let id), .setUploadLength(let id, _), .forgetUpload(let id): [.upload(id)]
        case .deleteUpload(let id): [.upload(id), .file(id)]
        case .pause(let queue), .resume(let queue): [.queue(queue)]
        case .claim, .tick, .recover: []
        }
    }

    /// The id of a job that this command may make.
    var jobToMake: JobID? {
        switch self {
        case .create(let creation), .process(let creation): creation.jobId
        case .createBatch, .cancelBatch, .putSchedule, .deleteSchedule, .runSchedule, .readSchedules, .syncSchedules,
            .update, .cancel, .retry, .delete, .adoptFile, .deleteFile, .pause, .resume,
            .createUpload, .readUpload, .setUploadLength, .deleteUpload, .forgetUpload,
            .drain, .undrain, .report, .finish, .expire, .evict, .release, .claim, .renew, .say, .lose, .tick, .recover:
            nil
        }
    }

    /// What must be known before the command is decided, and is not.
    ///
    /// A create does not ask for its id: it is decided as if the id were new. When the store knows it, the commit says so;
    /// before it is refused, the store is asked after all.
    func unknown(in map: JobMap) -> Set<RecordID> {
        switch self {
        case .create(let creation), .process(let creation): creation.unknown(in: map)
        case .createBatch(let creation): creation.unknown(in: map)
        case .cancelBatch(let id, _): map.knows(named: .batch(id)) ? [] : [.batch(id)]
        case .delete(let id, _), .expire(let id), .evict(let id):
            map.record(id) == nil
                ? [.job(id)] : Self.unknown(map.record(id)?.job?.input.files.map(\.fileId) ?? [], in: map)
        case .retry(let id, _):
            map.record(id).map { $0.job?.othersUnknown(in: map) ?? [] } ?? [.job(id)]
        case .update(let id, _, _), .cancel(let id, _, _): map.record(id) == nil ? [.job(id)] : []
        case .deleteFile(let id): Self.unknown([id], in: map)
        case .deleteUpload(let id): map.upload(id)?.finishedAt == nil ? [] : Self.unknown([id], in: map)
        // What is not known of a lease is over: a job that runs is known.
        case .say(_, let proof): map.record(proof.jobId) == nil ? [.job(proof.jobId)] : []
        case .putSchedule(_, let plan): map.knows(timeZone: plan.timeZone) ? [] : [.timeZone(plan.timeZone)]
        case .syncSchedules(let plans):
            Set(plans.values.map(\.timeZone).filter { !map.knows(timeZone: $0) }.map(RecordID.timeZone))
        // All uploads are known.
        case .createUpload, .readUpload, .setUploadLength, .forgetUpload: []
        case .deleteSchedule, .runSchedule, .readSchedules, .adoptFile, .pause, .resume, .drain, .undrain, .report,
            .finish, .release, .claim, .renew, .lose, .tick,
            .recover:
            []
        }
    }

    fileprivate static func unknown(_ files: [FileID], in map: JobMap) -> Set<RecordID> {
        files.isEmpty ? [] : Set(files.lazy.filter { !map.knows($0) }.map(RecordID.file))
    }
}

extension Creation {
    fileprivate var names: Set<RecordID> {
        var names: Set<RecordID> = [.job(jobId)]
        names.formUnion((input.fileIds ?? []).map(RecordID.file))
        names.formUnion(terms.after.map(RecordID.job))
        if let key = terms.dedupeKey { names.insert(.dedupeKey(key)) }
        return names
    }

    fileprivate func unknown(in map: JobMap) -> Set<RecordID> {
        var unknown = Command.unknown(input.fileIds ?? [], in: map)
        guard let terms = $terms.unusual else { return unknown }
        if !terms.after.isEmpty {
            unknown.formUnion(terms.after.lazy.filter { map.record($0) == nil }.map(RecordID.job))
        }
        if let key = terms.dedupeKey {
            // Which job answers depends on whether the id is that of one.
            if map.record(jobId) == nil { unknown.insert(.job(jobId)) }
            if existing.dedupeSeconds != nil { unknown.insert(.dedupeKey(key)) }
        }
        return unknown
    }
}

extension BatchCreation {
    private var all: [Creation] { jobs + [then].compactMap(\.self) }

    fileprivate var names: Set<RecordID> {
        var names: Set<RecordID> = [.batch(batchId)]
        for creation in all { names.formUnion(creation.names) }
        return names
    }

    fileprivate func unknown(in map: JobMap) -> Set<RecordID> {
        var unknown: Set<RecordID> = map.knows(named: .batch(batchId)) ? [] : [.batch(batchId)]
        for creation in all { unknown.formUnion(creation.unknown(in: map)) }
        // They are made together with those that wait for them.
        return unknown.subtracting(jobs.filter { $0.terms.dedupeKey == nil }.map { .job($0.jobId) })
    }
}

extension Job {
    /// What it waits for, or belongs to, and the map does not know.
    fileprivate func othersUnknown(in map: JobMap) -> Set<RecordID> {
        var unknown = Set(asked.terms.after.lazy.filter { map.record($0) == nil }.map(RecordID.job))
        unknown.formUnion(Command.unknown(input.files.filter { !$0.isWhole }.map(\.fileId), in: map))
        for batch in [asked.terms.batchId, asked.terms.follows].compactMap(\.self)
        where !map.knows(named: .batch(batch)) {
            unknown.insert(.batch(batch))
        }
        return unknown
    }
}
