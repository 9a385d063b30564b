import JSON
import JobModel
import JobWire

/// What a client will be told once the decision is durable.
enum Answer: Sendable {
    /// The job as the command left it, in the envelope of its method.
    case job(JobRecord, Envelope)
    /// The queue as it is then.
    case queue(String)
    /// The batch as it is when it is told; whether it is new, nil where that is not asked.
    case batch(BatchID, isNew: Bool?)
    case value(JSONValue)
    case refused(Refusal)

    /// How a method wraps a job.
    enum Envelope: Sendable {
        case bare
        /// `{"job": …, NAME: flag}`
        case flagged(String, Bool)
    }
}

extension JobMap {
    /// Says how a command was decided, by the map as it is then.
    func answer(to command: Command, events: [Event], at now: Timestamp) -> Answer {
        func job(_ id: JobID, _ envelope: Answer.Envelope) -> Answer {
            record(id).map { .job($0, envelope) } ?? .value([:])
        }
        switch command {
        case .create(let creation):
            let record = record(creation.jobId) ?? duplicate(of: creation, at: now).map { .job($0) }
            return record.map { .job($0, .flagged("created", !events.isEmpty)) } ?? .value([:])
        case .createBatch(let creation): return .batch(creation.batchId, isNew: !events.isEmpty)
        case .cancelBatch(let id, _): return .batch(id, isNew: nil)
        case .process(let creation): return job(creation.jobId, .flagged("started", !events.isEmpty))
        case .cancel(let id, _, _):
            return job(id, .flagged("ended", record(id)?.job?.status == .cancelled))
        case .update(let id, _, _), .retry(let id, _): return job(id, .bare)
        case .delete:
            guard case .job(let event)? = events.last, let before = event.before else { return .value([:]) }
            return .job(before, .bare)
        case .adoptFile(let file): return .value((self.file(file.fileId)?.file ?? file).json)
        case .deleteFile, .deleteUpload, .forgetUpload: return .value([:])
        case .createUpload(let creation): return .value(json(ofUpload: creation.fileId))
        case .readUpload(let id), .setUploadLength(let id, _): return .value(json(ofUpload: id))
        case .pause(let queue), .resume(let queue): return .queue(queue)
        case .say(.report, let proof): return .value(record(proof.jobId)?.job?.leaseState ?? [:])
        case .say(.artifact(let artifact), _): return .value(artifact.json)
        case .say(.complete, let proof), .say(.fail, let proof), .say(.release, let proof):
            return job(proof.jobId, .bare)
        case .renew(let proofs): return .value(["leases": .array(proofs.map(leaseState))])
        case .putSchedule(let name, _):
            return .value(named(.schedule(name))?.schedule.map { json(of: $0, at: now) } ?? [:])
        case .runSchedule(let name):
            return named(.schedule(name))?.schedule?.lastJobId.map { job($0, .bare) } ?? .value([:])
        case .readSchedules: return .value(["schedules": .array(allSchedules.map { json(of: $0, at: now) })])
        case .deleteSchedule, .syncSchedules: return .value([:])
        case .expire, .evict:
            return events.isEmpty ? .refused(Refusal(.jobConflict, "The job has to stay.")) : .value([:])
        case .drain, .undrain: return .value(["drained": .bool(isDrained)])
        case .claim, .report, .finish, .release, .lose, .tick, .recover: return .value([:])
        }
    }

    /// An upload as fronts want it, with how long it stays after its last byte.
    private func json(ofUpload id: FileID) -> JSONValue {
        guard let upload = upload(id) else { return [:] }
        var object: JSONObject = ["fileId": .string(id.description)]
        for member in upload.json.object?.members ?? [] where member.key != "account" {
            object[member.key] = member.value
        }
        object["keepSeconds"] = JSONValue(rules.retention.unfinishedUploads.components.seconds)
        return .object(object)
    }

    private func leaseState(_ proof: LeaseProof) -> JSONValue {
        var state: JSONObject = ["jobId": .string(proof.jobId.description)]
        guard let job = leased(proof) else {
            state["code"] = .string(ErrorCode.leaseLost.rawValue)
            return .object(state)
        }
        for member in job.leaseState.object?.members ?? [] { state[member.key] = member.value }
        return .object(state)
    }

    private func json(of schedule: Schedule, at now: Timestamp) -> JSONValue {
        schedule.json(
            queue: schedule.plan.queue ?? rules.pipelines[schedule.plan.jobType]?.queue ?? "default",
            next: nextMoments(of: schedule, after: now))
    }
}

extension Job {
    /// What a worker is told of its lease whenever it is heard.
    fileprivate var leaseState: JSONValue {
        ["expiresAt": JSONValue(lease.expiresAt), "cancelRequested": .bool(times.cancelRequestedAt != nil)]
    }
}
