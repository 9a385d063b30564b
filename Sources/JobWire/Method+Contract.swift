import JSON
import JobModel

/// What there is to know of each method beside its parameters.
extension Method {
    /// What a method is for, and what it answers.
    package struct Contract: Sendable {
        /// A sentence for people.
        package let summary: String
        /// The JSON Schema of the result; names refer to the schemas of the HTTP API, which has the same things.
        let result: JSONValue
        /// Refusals that are particular to the method, beside those that every one knows.
        let refusals: [ErrorCode]

        init(_ summary: String, _ result: JSONValue, _ refusals: ErrorCode...) {
            self.summary = summary
            self.result = result
            self.refusals = refusals
        }
    }

    /// What a method takes and answers, and how it may be refused; a test holds it against the page.
    package var contract: Contract {
        switch self {
        case .createJob:
            .init(
                "Create a job, or be answered with the one that has its id.",
                .object(of: ["job": .named("Job"), "created": .boolean]), .jobConflict, .jobGone, .fileNotFound,
                .storageFull, .quotaExceeded)
        case .getJob:
            .init("Read a job, or wait for its next change.", .named("Job"), .jobNotFound, .jobGone)
        case .listJobs:
            .init(
                "List jobs, newest first.",
                .object(of: ["jobs": .list(of: .named("JobSummary")), "nextCursor": ["type": ["string", "null"]]]))
        case .processJob:
            .init(
                "Give a job its files and run it; it is created when it is missing.",
                .object(of: ["job": .named("Job"), "started": .boolean]), .jobNotFound, .jobConflict, .jobGone,
                .preconditionFailed, .fileNotFound, .storageFull, .quotaExceeded)
        case .updateJob:
            .init(
                "Report on a job that the application runs.", .named("Job"), .jobNotFound, .jobGone,
                .jobConflict, .preconditionFailed, .storageFull)
        case .cancelJob:
            .init(
                "End a job, whatever it does.", .object(of: ["job": .named("Job"), "ended": .boolean]),
                .jobNotFound, .jobGone, .jobConflict, .preconditionFailed)
        case .retryJob:
            .init(
                "Run a failed or cancelled job again.", .named("Job"), .jobNotFound, .jobGone, .jobConflict,
                .preconditionFailed, .quotaExceeded)
        case .deleteJob:
            .init(
                "Remove a job that has ended.", .named("Job"), .jobNotFound, .jobGone, .jobConflict,
                .preconditionFailed)
        case .explainJob:
            .init("Tell why a job does not run.", .named("Explanation"), .jobNotFound, .jobGone)
        case .createBatch:
            .init(
                "Create jobs together, all or none, or be answered with the batch that has the id.",
                .object(of: ["batch": .named("Batch"), "created": .boolean]), .jobConflict, .jobGone, .jobNotFound,
                .fileNotFound, .storageFull, .quotaExceeded)
        case .getBatch: .init("Read how far a batch is.", .named("Batch"), .batchNotFound)
        case .cancelBatch:
            .init("End all jobs of a batch that have not ended.", .named("Batch"), .batchNotFound)
        case .listSchedules:
            .init(
                "List the schedules, with when they come true next.",
                .object(of: ["schedules": .list(of: .named("Schedule"))]))
        case .putSchedule:
            .init("Make a schedule, or change it.", .named("Schedule"), .jobConflict, .storageFull)
        case .deleteSchedule:
            .init("Remove a schedule; its jobs stay.", .object(of: [:]), .scheduleNotFound, .jobConflict)
        case .runSchedule:
            .init("Make a job of a schedule now.", .named("Job"), .scheduleNotFound, .storageFull)
        case .listDeliveries:
            .init(
                "List messages to webhooks, newest first.",
                .object(of: [
                    "deliveries": .list(of: .named("Delivery")), "nextCursor": ["type": ["string", "null"]],
                ]))
        case .redeliver:
            .init("Send a message to a webhook once more.", .named("Delivery"), .deliveryNotFound)
        case .takeDeliveries:
            .init(
                "Ask for messages to webhooks that are due, and wait until there are some.",
                .object(of: ["deliveries": .list(of: ["type": "object"])]), .tooManyRequests)
        case .reportDelivery:
            .init("Tell how sending a message ended.", .named("Delivery"), .deliveryNotFound)
        case .changeJobs:
            .init(
                "Cancel, retry or delete all jobs that a query finds.",
                .object(
                    of: ["matched": .integer, "done": .integer, "refused": .integer], optionally: ["reason": .string]))
        case .watchJobs:
            .init(
                "Be told of changes of jobs.",
                .object(of: ["watch": .integer, "jobs": .list(of: .named("Job"))]), .tooManyRequests)
        case .unwatchJobs: .init("Be told no more.", .object(of: [:]))
        case .readLog:
            .init(
                "Read what the steps printed.",
                .object(of: ["lines": .list(of: .named("LogLine")), "next": .integer]), .jobNotFound, .jobGone)
        case .beginFile:
            .init(
                "Begin an upload.", .object(of: ["fileId": .string]), .tooManyRequests, .storageFull,
                .quotaExceeded)
        case .appendFile:
            .init("Send a part of an upload.", .object(of: [:]), .fileNotFound, .storageFull)
        case .commitFile:
            .init(
                "Complete an upload.", .named("StoredFile"), .fileNotFound, .digestMismatch, .storageFull,
                .quotaExceeded)
        case .adoptFile:
            .init(
                "Make a front's upload known.", .named("StoredFile"), .fileNotFound, .storageFull,
                .quotaExceeded)
        case .getFile: .init("Describe a file.", .named("StoredFile"), .fileNotFound)
        case .deleteFile: .init("Remove a file that no job uses.", .object(of: [:]), .fileNotFound, .fileInUse)
        case .createUpload:
            .init(
                "Announce a resumable upload.", .upload, .uploadNotFound, .storageFull, .quotaExceeded)
        case .getUpload: .init("Describe a resumable upload.", .upload, .uploadNotFound)
        case .setUploadLength:
            .init(
                "Say how long an upload is that was announced without.", .upload, .uploadNotFound, .storageFull,
                .quotaExceeded)
        case .deleteUpload:
            .init("Take an upload back, and its file.", .object(of: [:]), .uploadNotFound, .fileInUse)
        case .getArtifact:
            .init(
                "Describe or fetch what a job made.",
                ["allOf": [.named("Artifact"), ["type": "object", "properties": ["data": .string]]]], .jobNotFound,
                .jobGone, .artifactNotFound)
        case .readFile:
            .init(
                "Fetch a part of a file.", .object(of: ["data": .string]), .fileNotFound)
        case .beginArtifact:
            .init(
                "Begin to bring what a run made.", .object(of: ["fileId": .string]), .leaseLost,
                .tooManyRequests, .storageFull)
        case .appendArtifact:
            .init("Send a part of an artifact.", .object(of: [:]), .fileNotFound, .storageFull)
        case .commitArtifact:
            .init(
                "Complete an artifact.", .named("StoredArtifact"), .fileNotFound, .leaseLost, .digestMismatch,
                .storageFull)
        case .adoptArtifact:
            .init(
                "Make an artifact known that a front received.", .named("StoredArtifact"), .leaseLost,
                .fileNotFound, .storageFull)
        case .claimWork:
            .init(
                "Ask for jobs to run, and wait until there are some.",
                .object(of: ["jobs": .list(of: .named("ClaimedJob"))]), .tooManyRequests, .storageFull)
        case .renewWork:
            .init(
                "Keep the leases of jobs.",
                .object(of: ["leases": .list(of: .named("RenewedLease"))]), .storageFull)
        case .reportWork:
            .init(
                "Tell how a run goes.", .named("LeaseState"), .leaseLost, .jobNotFound, .jobGone, .storageFull)
        case .completeWork:
            .init("End a run with its result.", .named("Job"), .leaseLost, .jobNotFound, .jobGone, .storageFull)
        case .failWork:
            .init("End a run that failed.", .named("Job"), .leaseLost, .jobNotFound, .jobGone, .storageFull)
        case .releaseWork:
            .init(
                "Give a job back, to be run by others.", .named("Job"), .leaseLost, .jobNotFound, .jobGone,
                .storageFull)
        case .getInput:
            .init("Describe a file of a job that one holds.", .named("StoredFile"), .leaseLost, .fileNotFound)
        case .listQueues:
            .init("List the queues.", .object(of: ["queues": .list(of: .named("Queue"))]))
        case .pauseQueue: .init("Start no more jobs of a queue.", .named("Queue"), .queueNotFound)
        case .resumeQueue: .init("Start jobs of a queue again.", .named("Queue"), .queueNotFound)
        case .getStats:
            .init("Tell what there is, and what happened in the last hour.", .named("Stats"))
        case .getMetrics:
            .init("Tell what is counted and measured, for Prometheus.", .object(of: ["text": .string]))
        case .reportFront: .init("Tell what a front does.", .object(of: [:]))
        case .reportUpload:
            .init(
                "Tell how much of an upload has come.", .object(of: [:]), .quotaExceeded)
        case .reportRefusal: .init("Tell who was refused.", .object(of: [:]))
        case .serverStatus: .init("Tell how the daemon is.", ["type": "object"])
        case .reloadServer:
            .init(
                "Read the configuration again.",
                .object(of: ["changed": .list(of: .string), "needsRestart": .list(of: .string)]))
        case .drainServer:
            .init(
                "Start nothing and make nothing until it is undone, also after a restart.",
                .object(of: ["drained": .boolean]))
        case .undrainServer:
            .init("Start and make jobs again.", .object(of: ["drained": .boolean]))
        case .inspectServer: .init("Tell how the daemon sees its surroundings.", ["type": "object"])
        case .backUpServer:
            .init(
                "Write everything that the daemon keeps to a directory.",
                .object(of: [
                    "directory": .string, "jobs": .integer, "files": .integer, "artifacts": .integer,
                    "bytes": .integer, "missing": .integer, "shared": .boolean,
                ]))
        case .getSession:
            .init(
                "Tell who the caller is.",
                .object(of: [
                    "owner": ["type": ["string", "null"]], "role": ["type": ["string", "null"]],
                    "token": ["type": ["object", "null"]],
                ]))
        case .makeToken:
            .init("Make a token.", .object(of: ["token": .string, "expiresAt": .string]))
        case .discover: .init("Describe the protocol, as OpenRPC.", ["type": "object"])
        }
    }
}

extension JSONValue {
    fileprivate static let string: JSONValue = ["type": "string"]
    fileprivate static let integer: JSONValue = ["type": "integer"]
    fileprivate static let boolean: JSONValue = ["type": "boolean"]

    fileprivate static let upload = object(of: [
        "fileId": .string, "kind": ["enum": ["file", "part", "joined"]], "name": .string, "mediaType": .string,
        "createdAt": .string, "keepSeconds": .integer,
    ])

    fileprivate static func named(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    fileprivate static func list(of element: JSONValue) -> JSONValue { ["type": "array", "items": element] }

    /// An object that has all of the first members.
    fileprivate static func object(of members: JSONObject, optionally others: JSONObject = [:]) -> JSONValue {
        var properties = members
        for other in others.members { properties[other.key] = other.value }
        return [
            "type": "object", "properties": .object(properties),
            "required": .array(members.members.map { .string($0.key) }),
        ]
    }
}
