extension Method {
    /// A parameter's name, and the JSON Schema type of its value.
    package struct Parameter: Hashable, Sendable {
        /// The types of JSON Schema, and `any` of them.
        package enum Kind: String, Sendable {
            case string, integer, number, boolean, array, object
            case any
        }

        /// As it stands in `params`.
        package let name: String
        /// Its type in JSON.
        package let kind: Kind
        /// Whether a request without it is refused.
        package let isRequired: Bool

        init(_ name: String, _ kind: Kind, isRequired: Bool = false) {
            self.name = name
            self.kind = kind
            self.isRequired = isRequired
        }

        static func required(_ name: String, _ kind: Kind) -> Parameter { Parameter(name, kind, isRequired: true) }
    }

    /// What the method takes; what it reads is in `Call+Decoding.swift`, and tests hold the two together.
    package var parameters: [Parameter] {
        switch self {
        case .createJob:
            Self.ofNewJob + [
                .init("fileIds", .array), .init("queue", .string), .init("priority", .integer),
                .init("maxAttempts", .integer), .init("runAt", .string), .init("delaySeconds", .number),
                .init("onConflict", .string), .init("owner", .string), .init("after", .array),
                .init("afterPolicy", .string), .init("limitKey", .string), .init("dedupeKey", .string),
                .init("dedupeSeconds", .integer), .init("retry", .object), .init("timeouts", .object),
                .init("webhook", .string),
            ]
        case .processJob: Self.ofNewJob + [.required("fileIds", .array), .init("ifVersion", .integer)]
        case .getJob: [.required("jobId", .string), .init("since", .integer), .init("waitSeconds", .number)]
        case .listJobs:
            [
                .init("status", .string), .init("queue", .string), .init("jobType", .string), .init("q", .string),
                .init("createdSince", .string), .init("createdBefore", .string), .init("order", .string),
                .init("limit", .integer), .init("cursor", .string), .init("owner", .string),
            ]
        case .updateJob:
            [
                .required("jobId", .string), .init("status", .string), .init("progress", .number),
                .init("step", .string), .init("message", .string), .init("metadata", .object), .init("result", .any),
                .init("error", .object), .init("lines", .array), .init("leaseSeconds", .integer),
                .init("priority", .integer), .init("runAt", .string), .init("run", .integer),
                .init("ifVersion", .integer),
            ]
        case .cancelJob:
            [.required("jobId", .string), .init("reason", .string), .init("ifVersion", .integer)]
        case .createBatch:
            [
                .init("batchId", .string), .required("jobs", .array), .init("metadata", .object),
                .init("then", .object),
            ]
        case .changeJobs:
            [
                .required("action", .string), .init("status", .string), .init("queue", .string),
                .init("jobType", .string), .init("q", .string), .init("createdSince", .string),
                .init("createdBefore", .string), .init("endedBefore", .string),
                .init("owner", .string), .init("limit", .integer), .init("dryRun", .boolean),
            ]
        case .putSchedule:
            [
                .required("name", .string), .required("cron", .string), .init("timeZone", .string),
                .required("jobType", .string), .init("queue", .string), .init("metadata", .object),
                .init("missed", .string), .init("overlap", .boolean),
            ]
        case .deleteSchedule, .runSchedule: [.required("name", .string)]
        case .getBatch: [.required("batchId", .string)]
        case .cancelBatch: [.required("batchId", .string), .init("reason", .string)]
        case .retryJob, .deleteJob: [.required("jobId", .string), .init("ifVersion", .integer)]
        case .explainJob: [.required("jobId", .string)]
        case .watchJobs: [.init("jobIds", .array), .init("queue", .string), .init("since", .object)]
        case .unwatchJobs: [.required("watch", .integer)]
        case .readLog:
            [.required("jobId", .string), .init("after", .integer), .init("limit", .integer), .init("run", .integer)]
        case .beginFile: [.init("name", .string)]
        case .appendFile: [.required("fileId", .string), .required("data", .string)]
        case .commitFile: [.required("fileId", .string), .init("sha256", .string)]
        case .adoptFile:
            [
                .required("fileId", .string), .init("name", .string), .required("size", .integer),
                .init("mediaType", .string), .required("sha256", .string),
            ]
        case .createUpload:
            [
                .required("fileId", .string), .init("kind", .string), .init("parts", .array), .init("name", .string),
                .init("mediaType", .string), .init("metadata", .string), .init("length", .integer),
            ]
        case .setUploadLength: [.required("fileId", .string), .required("length", .integer)]
        case .getFile, .deleteFile, .getUpload, .deleteUpload: [.required("fileId", .string)]
        case .getArtifact:
            [
                .required("jobId", .string), .required("name", .string), .init("offset", .integer),
                .init("limit", .integer),
            ]
        case .readFile:
            [.required("fileId", .string), .init("offset", .integer), .init("limit", .integer)]
        case .beginArtifact: Self.ofLease + [.required("name", .string), .init("mediaType", .string)]
        case .appendArtifact: [.required("fileId", .string), .required("data", .string)]
        case .commitArtifact: [.required("fileId", .string), .init("sha256", .string)]
        case .adoptArtifact:
            Self.ofLease + [
                .required("name", .string), .required("fileId", .string), .required("size", .integer),
                .init("mediaType", .string), .required("sha256", .string),
            ]
        case .claimWork:
            [
                .required("queues", .array), .init("jobTypes", .array), .init("count", .integer),
                .init("waitSeconds", .number), .init("worker", .string), .init("leaseSeconds", .integer),
            ]
        case .renewWork: [.required("leases", .array)]
        case .reportWork:
            Self.ofLease + [
                .init("progress", .number), .init("step", .string), .init("message", .string), .init("lines", .array),
            ]
        case .completeWork: Self.ofLease + [.init("result", .any)]
        case .failWork:
            Self.ofLease + [
                .required("error", .object), .init("mayRetry", .boolean), .init("retryAfterSeconds", .number),
            ]
        case .releaseWork: Self.ofLease
        case .getInput: Self.ofLease + [.required("fileId", .string)]
        case .pauseQueue, .resumeQueue: [.required("name", .string)]
        case .reportFront: [.required("streams", .integer), .init("uploads", .integer), .init("requests", .array)]
        case .reportUpload:
            [
                .required("upload", .string), .init("bytes", .integer), .init("announced", .integer),
                .init("ended", .boolean), .init("fileId", .string), .init("stored", .integer),
            ]
        case .reportRefusal: [.required("request", .string), .required("code", .string), .init("jobId", .string)]
        case .reloadServer: [.init("tokenKeys", .string)]
        case .backUpServer: [.required("directory", .string)]
        case .listDeliveries:
            [
                .init("webhook", .string), .init("jobId", .string), .init("status", .string), .init("limit", .integer),
                .init("cursor", .string),
            ]
        case .redeliver: [.required("id", .string)]
        case .takeDeliveries: [.init("waitSeconds", .number)]
        case .reportDelivery:
            [
                .required("id", .string), .required("delivered", .boolean), .init("httpStatus", .integer),
                .init("problem", .string), .init("retryAfterSeconds", .number),
            ]
        case .makeToken:
            [.init("owner", .string), .init("job", .string), .init("scope", .array), .init("seconds", .integer)]
        case .listSchedules, .listQueues, .getStats, .getMetrics, .serverStatus, .drainServer,
            .undrainServer, .inspectServer, .getSession, .discover:
            []
        }
    }

    /// What names a run of which its worker speaks.
    private static let ofLease: [Parameter] = [.required("jobId", .string), .required("token", .string)]

    private static let ofNewJob: [Parameter] = [
        .init("jobId", .string), .init("jobType", .string), .init("message", .string), .init("metadata", .object),
        .init("traceparent", .string),
    ]
}
