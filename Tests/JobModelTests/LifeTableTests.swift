import JSON
import JobModel
import JobTesting
import Testing

/// Every pair of a command and a state, compared with the table in the protocol page.
@Suite(.timeLimit(.minutes(5)))
struct LifeTableTests {
    static let table = ProtocolPage.lifeTable

    @Test func tableHasEveryCommandAndState() {
        #expect(Self.table.map(\.command) == LifeCommand.allCases.map(\.rawValue))
        #expect(Self.table.allSatisfy { Set($0.outcomes.keys) == Set(LifeState.allCases.map(\.rawValue)) })
    }

    @Test(arguments: LifeCommand.allCases, LifeState.allCases)
    func commandInStateDoesWhatTheTableSays(command: LifeCommand, state: LifeState) throws {
        let row = try #require(Self.table.first { $0.command == command.rawValue })
        let expected = try #require(row.outcomes[state.rawValue])
        var map = LifeState.map(with: state)
        let before = map.record(LifeState.id)
        #expect(outcome(of: command, before: before, in: &map) == expected)
    }

    private func outcome(of command: LifeCommand, before: JobRecord?, in map: inout JobMap) -> String {
        do throws(JobError) {
            let events = try map.apply(command.command, at: LifeState.now)
            if events.isEmpty {
                #expect(map.record(LifeState.id) == before)
                return "="
            }
            return map.record(LifeState.id)?.word ?? "?"
        } catch {
            #expect(map.record(LifeState.id) == before, "a refused command changes nothing")
            return "`\(error.code)`"
        }
    }
}

extension JobRecord {
    fileprivate var word: String { job?.status.rawValue ?? "gone" }
}

extension JobError {
    /// The word on the wire.
    fileprivate var code: String {
        switch self {
        case .invalid: "invalid-request"
        case .unauthorized: "unauthorized"
        case .forbidden: "forbidden"
        case .jobNotFound: "job-not-found"
        case .jobGone: "job-gone"
        case .jobTaken, .keyTaken, .jobConflict: "job-conflict"
        case .fileNotFound: "file-not-found"
        case .fileInUse: "file-in-use"
        case .uploadNotFound: "upload-not-found"
        case .queueNotFound: "queue-not-found"
        case .versionConflict: "precondition-failed"
        case .leaseLost: "lease-lost"
        case .batchNotFound: "batch-not-found"
        case .scheduleNotFound: "schedule-not-found"
        case .refused: "job-conflict"
        case .draining: "unavailable"
        case .quotaExceeded: "quota-exceeded"
        case .within(_, let error): error.code
        }
    }
}

/// The columns of the table.
enum LifeState: String, CaseIterable {
    case unknown, pending, blocked, scheduled
    case scheduledWithoutInput = "scheduled (no input)"
    case queued
    case processingByJobd = "processing (jobd)"
    case processingByWorker = "processing (worker)"
    case processingByApplication = "processing (application)"
    case completed, failed, cancelled, gone

    static let now = Timestamp(milliseconds: 1_000_000)
    static let id = JobID.sample
    static let file = JobFile.sample("given")
    static let otherFile = JobFile.sample("other")
    static let token = LeaseToken("offer-1")

    /// A map that knows one job in this state and starts none.
    static func map(with state: LifeState) -> JobMap {
        var map = JobMap(
            rules: Rules(
                pipelines: [JobMap.defaultJobType: .init()], retention: .init(ended: .zero, pending: .zero)),
            start: now)
        map.isStopping = true
        for file in [file, otherFile] {
            map.admit(FileRecord(file: file, createdAt: now, uses: 1, revision: 1))
        }
        if let record = state.record { map.admit(record) }
        map.admit(.job(.sample(jobId: .named("awaited"), number: 2)))
        return map
    }

    private var record: JobRecord? {
        let given = [Self.file]
        switch self {
        case .unknown: return nil
        case .pending: return .job(.sample(jobId: Self.id, status: .pending))
        case .blocked:
            var job = Job.sample(jobId: Self.id, status: .blocked)
            job.input.isWhole = false
            job.asked.terms.after = [.named("awaited")]
            return .job(job)
        case .scheduled: return .job(.sample(jobId: Self.id, status: .scheduled, files: given, runAt: Self.now))
        case .scheduledWithoutInput:
            var job = Job.sample(jobId: Self.id, status: .scheduled, runAt: Self.now)
            job.input.isWhole = false
            return .job(job)
        case .queued: return .job(.sample(jobId: Self.id, status: .queued, files: given))
        case .processingByJobd:
            return .job(.sample(jobId: Self.id, status: .processing, attempt: 1, runner: .jobd, files: given))
        case .processingByWorker:
            var job = Job.sample(jobId: Self.id, status: .processing, attempt: 1, runner: .worker, files: given)
            job.lease.heardAt = Self.now + .seconds(-1)
            job.lease.token = Self.token
            return .job(job)
        case .processingByApplication:
            var job = Job.sample(jobId: Self.id, status: .processing, attempt: 1, runner: .application)
            job.input.isWhole = false
            return .job(job)
        case .completed:
            return .job(.sample(jobId: Self.id, status: .completed, attempt: 1, runner: .jobd, files: given))
        case .failed: return .job(.sample(jobId: Self.id, status: .failed, attempt: 1, runner: .jobd, files: given))
        case .cancelled:
            return .job(.sample(jobId: Self.id, status: .cancelled, attempt: 1, runner: .jobd, files: given))
        case .gone:
            return .gone(
                Tombstone(
                    jobId: Self.id, number: 1, revision: 9, jobStatus: .completed, finishedAt: Self.now,
                    goneAt: Self.now))
        }
    }
}

/// The rows of the table.
enum LifeCommand: String, CaseIterable {
    case create
    case createWithInput = "create with input"
    case createOrReject = "create or reject"
    case processSame = "process the same input"
    case processOther = "process other input"
    case updateMetadata = "update metadata"
    case updateMessage = "update message"
    case updateProgress = "update progress"
    case updateToProcessing = "update to processing"
    case updateToCompleted = "update to completed"
    case updateToFailed = "update to failed"
    case cancel, retry, delete
    case workerReports = "worker reports"
    case workerCompletes = "worker completes"
    case workerFails = "worker fails"
    case workerGivesBack = "worker gives back"
    case report
    case finishCompleted = "finish completed"
    case finishFailed = "finish failed"
    case expire = "expire (its time has come)"
    case release
    case lose = "lose (its worker is gone)"
    case tick, recover

    var command: Command {
        let id = LifeState.id
        let lease = LeaseProof(jobId: id, token: LifeState.token)
        return switch self {
        case .create: .create(Creation(jobId: id))
        case .createWithInput: .create(Creation(jobId: id, fileIds: []))
        case .createOrReject: .create(Creation(jobId: id, rejectsExisting: true))
        case .processSame: .process(Creation(jobId: id, fileIds: [LifeState.file.fileId]))
        case .processOther: .process(Creation(jobId: id, fileIds: [LifeState.otherFile.fileId]))
        case .updateMetadata: .update(id, Update(metadata: ["a": 1]))
        case .updateMessage: .update(id, Update(message: .set("news")))
        case .updateProgress: .update(id, Update(progress: 50))
        case .updateToProcessing: .update(id, Update(status: .processing))
        case .updateToCompleted: .update(id, Update(status: .completed, result: .set(JSONText(["rows": 1]))))
        case .updateToFailed: .update(id, Update(status: .failed, error: JobFailure(code: "no", message: "No.")))
        case .cancel: .cancel(id, reason: nil)
        case .retry: .retry(id)
        case .delete: .delete(id)
        case .workerReports:
            .say(.report(progress: 10, step: .absent, message: .absent, lines: []), lease)
        case .workerCompletes: .say(.complete(result: nil), lease)
        case .workerFails:
            .say(.fail(JobFailure(code: "no", message: "No."), mayRetry: true, retryAfter: nil), lease)
        case .workerGivesBack: .say(.release, lease)
        case .report: .report(id, run: 1, Report(progress: 10))
        case .finishCompleted: .finish(id, run: 1, RunOutcome(.completed))
        case .finishFailed:
            .finish(id, run: 1, RunOutcome(.failed(JobFailure(.exit, message: "No."), mayRetry: true)))
        case .expire: .expire(id)
        case .release: .release(id, run: 1)
        case .lose: .lose(id, run: 1)
        case .tick: .tick
        case .recover: .recover
        }
    }
}
