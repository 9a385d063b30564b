package import JSON
package import JobModel

extension Call {
    /// Reads a method's parameters; every wrong one is named by its JSON Pointer.
    ///
    /// A new job whose id nobody chose gets the one that `makeJobId` gives.
    package init(_ method: Method, params: JSONValue?, makeJobId: () -> JobID) throws(Refusal) {
        var fields = try Fields(params)
        switch method {
        case .createJob: self = .command(.create(try fields.creation(rejecting: true, makeJobId)))
        case .processJob: self = .command(.process(try fields.creation(rejecting: false, makeJobId)))
        case .changeJobs: self = .changeJobs(try fields.bulkChange())
        case .explainJob: self = .explainJob(try fields.jobId())
        case .createBatch: self = .command(.createBatch(try fields.batch(makeJobId)))
        case .listSchedules: self = .command(.readSchedules)
        case .putSchedule: self = .command(.putSchedule(try fields.scheduleName(), try fields.plan()))
        case .deleteSchedule: self = .command(.deleteSchedule(try fields.scheduleName()))
        case .runSchedule: self = .command(.runSchedule(try fields.scheduleName()))
        case .getBatch: self = .getBatch(try fields.batchId())
        case .cancelBatch: self = .command(.cancelBatch(try fields.batchId(), reason: try fields.text("reason")))
        case .getJob:
            let wait = try fields.number("waitSeconds", in: 0...55) ?? 0
            self = .getJob(
                try fields.jobId(), since: try fields.integer("since", in: 0...Int64.max) ?? 0,
                wait: .milliseconds(Int64(wait * 1000)))
        case .listJobs: self = .listJobs(try fields.query())
        case .updateJob:
            self = .command(
                .update(try fields.jobId(), try fields.update(), ifVersion: try fields.ifVersion()))
        case .cancelJob:
            self = .command(
                .cancel(try fields.jobId(), reason: try fields.text("reason"), ifVersion: try fields.ifVersion()))
        case .retryJob: self = .command(.retry(try fields.jobId(), ifVersion: try fields.ifVersion()))
        case .deleteJob: self = .command(.delete(try fields.jobId(), ifVersion: try fields.ifVersion()))
        case .watchJobs:
            self = .watch(
                jobIds: try fields.jobIds(), queue: try fields.text("queue"), since: try fields.versions("since"))
        case .unwatchJobs: self = .unwatch(try fields.require("watch", in: 1...Int.max))
        case .readLog:
            self = .readLog(
                try fields.jobId(), run: try fields.integer("run", in: 1...Int64.max),
                after: try fields.integer("after", in: 0...Int64.max) ?? 0,
                limit: try fields.integer("limit", in: 1...1000) ?? 500)
        case .beginFile: self = .beginFile(name: try fields.string("name") ?? "")
        case .appendFile: self = .appendFile(try fields.fileId(), try fields.base64("data"))
        case .commitFile: self = .commitFile(try fields.fileId(), sha256: try fields.string("sha256"))
        case .adoptFile: self = .command(.adoptFile(try fields.file()))
        case .getFile: self = .getFile(try fields.fileId())
        case .deleteFile: self = .command(.deleteFile(try fields.fileId()))
        case .readFile:
            self = .readFile(
                try fields.fileId(), offset: try fields.integer("offset", in: 0...Int64.max) ?? 0,
                limit: try fields.integer("limit", in: 1...1_048_576) ?? 1_048_576)
        case .claimWork:
            let wait = try fields.number("waitSeconds", in: 0...55) ?? 0
            self = .claim(try fields.offer(), wait: .milliseconds(Int64(wait * 1000)))
        case .renewWork: self = .command(.renew(try fields.leases()))
        case .reportWork:
            self = .command(
                .say(
                    .report(
                        progress: try fields.number("progress", in: 0...100), step: try fields.settableText("step"),
                        message: try fields.settableText("message"), lines: try fields.lines()), try fields.lease()))
        case .completeWork:
            self = .command(
                .say(.complete(result: try fields.json("result", limit: Limits.resultBytes)), try fields.lease()))
        case .failWork: self = .command(.say(try fields.failure(), try fields.lease()))
        case .releaseWork: self = .command(.say(.release, try fields.lease()))
        case .getInput: self = .getInput(try fields.lease(), try fields.fileId())
        case .beginArtifact:
            self = .beginArtifact(
                try fields.lease(), try fields.artifactName(), mediaType: try fields.text("mediaType", limit: 255))
        case .appendArtifact: self = .appendArtifact(try fields.fileId(), try fields.base64("data"))
        case .commitArtifact: self = .commitArtifact(try fields.fileId(), sha256: try fields.string("sha256"))
        case .adoptArtifact:
            let (lease, name) = (try fields.lease(), try fields.artifactName())
            self = .adoptArtifact(lease, name, try fields.file())
        case .getArtifact:
            self = .getArtifact(
                try fields.jobId(), try fields.artifactName(),
                offset: try fields.integer("offset", in: 0...Int64.max) ?? 0,
                limit: try fields.integer("limit", in: 0...1_048_576) ?? 0)
        case .listDeliveries: self = .listDeliveries(try fields.deliveryQuery())
        case .redeliver: self = .redeliver(try fields.deliveryId())
        case .takeDeliveries:
            let wait = try fields.number("waitSeconds", in: 0...55) ?? 0
            self = .takeDeliveries(wait: .milliseconds(Int64(wait * 1000)))
        case .reportDelivery: self = .reportDelivery(try fields.deliveryId(), try fields.outcome())
        case .listQueues: self = .listQueues
        case .pauseQueue: self = .command(.pause(queue: try fields.queueName()))
        case .resumeQueue: self = .command(.resume(queue: try fields.queueName()))
        case .getStats: self = .getStats
        case .getMetrics: self = .getMetrics
        case .reportFront: self = .reportFront(try fields.frontReport())
        case .reportUpload: self = .reportUpload(try fields.uploadReport())
        case .reportRefusal: self = .reportRefusal(try fields.refusalReport())
        case .serverStatus: self = .serverStatus
        case .reloadServer: self = .reloadServer(tokenKeys: try fields.text("tokenKeys", limit: 65_536))
        case .drainServer: self = .command(.drain)
        case .undrainServer: self = .command(.undrain)
        case .inspectServer: self = .inspectServer
        case .backUpServer:
            guard let directory = try fields.text("directory", limit: 4096) else {
                throw Fields.wrong("directory", "is missing")
            }
            self = .backUpServer(directory: directory)
        case .getSession: self = .getSession
        case .makeToken: self = .makeToken(try fields.tokenOrder())
        case .discover: self = .discover
        }
        try fields.end()
    }
}

extension Fields {
    mutating func creation(
        rejecting: Bool, _ makeJobId: () -> JobID
    ) throws(Refusal) -> Creation {
        var creation = Creation(
            jobId: try value("jobId").map { value throws(Refusal) in
                try Self.jobId(value, at: "/jobId")
            } ?? makeJobId())
        creation.jobType = try jobType()
        creation.message = try text("message")
        creation.metadata = try object("metadata", limit: Limits.metadataBytes)
        creation.fileIds = try fileIds()
        creation.traceParent = try traceParent()
        guard rejecting else {
            guard creation.fileIds != nil else { throw Self.wrong("fileIds", "is missing") }
            creation.ifVersion = try ifVersion()
            return creation
        }
        creation.owner = try owner()
        creation.queue = try text("queue")
        creation.priority = try integer("priority", in: Limits.priorities)
        creation.maxAttempts = try integer("maxAttempts", in: Limits.maxAttempts)
        creation.start = try start()
        creation.terms = try terms()
        creation.dedupeSeconds = try integer("dedupeSeconds", in: Limits.dedupeSeconds)
        if creation.dedupeSeconds != nil, creation.terms.dedupeKey == nil {
            throw Self.wrong("dedupeSeconds", "needs a dedupeKey beside it")
        }
        switch try string("onConflict") {
        case nil, "return": break
        case "reject": creation.rejectsExisting = true
        default: throw Self.wrong("onConflict", "must be \"return\" or \"reject\"")
        }
        return creation
    }

    private mutating func owner(_ key: String = "owner") throws(Refusal) -> String? {
        guard let text = try string(key) else { return nil }
        guard Caller.isOwner(text) else { throw Self.wrong(key, "must be 1 to 128 characters of printable ASCII") }
        return text
    }

    private mutating func traceParent() throws(Refusal) -> TraceParent? {
        guard let text = try string("traceparent") else { return nil }
        guard let parent = TraceParent(text) else { throw Self.wrong("traceparent", "is none of W3C Trace Context") }
        return parent
    }

    private mutating func jobType() throws(Refusal) -> String? {
        guard let type = try text("jobType", limit: Limits.jobTypeBytes) else { return nil }
        guard !type.isEmpty else { throw Self.wrong("jobType", "is empty") }
        return type
    }

    private mutating func start() throws(Refusal) -> Creation.Start? {
        let moment = try moment("runAt")
        let delay = try number("delaySeconds", in: 0...315_360_000)
        switch (moment, delay) {
        case (nil, nil): return nil
        case (let moment?, nil): return .at(moment)
        case (nil, let delay?): return .after(.milliseconds(Int64(delay * 1000)))
        case (.some, .some): throw Self.wrong("delaySeconds", "cannot stand beside /runAt")
        }
    }

    private mutating func fileIds() throws(Refusal) -> [FileID]? {
        guard let value = value("fileIds") else { return nil }
        guard let elements = value.array, elements.count <= Limits.files else {
            throw Self.wrong("fileIds", "must be a list of at most \(Limits.files) file ids")
        }
        var ids: [FileID] = []
        var known: Set<FileID> = []
        for (index, element) in elements.enumerated() {
            let id = try Self.fileId(element, at: "/fileIds/\(index)")
            guard known.insert(id).inserted else { throw Self.wrong("fileIds", "names the file \(id) twice") }
            ids.append(id)
        }
        return ids
    }

    fileprivate mutating func jobIds() throws(Refusal) -> [JobID]? {
        guard let value = value("jobIds") else { return nil }
        guard let elements = value.array, elements.count <= 1000 else {
            throw Self.wrong("jobIds", "must be a list of at most 1000 job ids")
        }
        var ids: [JobID] = []
        for (index, element) in elements.enumerated() { ids.append(try Self.jobId(element, at: "/jobIds/\(index)")) }
        return ids
    }

    fileprivate mutating func versions(_ key: String) throws(Refusal) -> [JobID: Int64] {
        guard let value = value(key) else { return [:] }
        guard let members = value.object?.members else { throw Self.wrong(key, "must be an object of versions by id") }
        var versions: [JobID: Int64] = [:]
        for member in members {
            let id = try Self.jobId(.string(member.key), at: "/\(key)")
            guard let version = member.value.integer else { throw Self.wrong(key, "must hold whole numbers") }
            versions[id] = version
        }
        return versions
    }

    fileprivate mutating func query() throws(Refusal) -> JobQueryFields {
        var query = try filters()
        query.limit = try integer("limit", in: 1...500) ?? 50
        if let text = try string("cursor") {
            guard let cursor = JobCursor(text) else { throw Self.wrong("cursor", "is not one that a list returned") }
            query.cursor = cursor
        }
        return query
    }

    fileprivate mutating func bulkChange() throws(Refusal) -> BulkChange {
        guard let action = try require("action").string.flatMap(BulkChange.Action.init) else {
            throw Self.wrong("action", "must be cancel, retry or delete")
        }
        var query = try filters()
        // What the action cannot do is not tried where nobody named states.
        if query.statuses.isEmpty { query.statuses = action.statuses }
        let limit = try integer("limit", in: BulkChange.limits) ?? BulkChange.usualLimit
        let endedBefore = try moment("endedBefore")
        var isRehearsal = false
        if let value = value("dryRun") {
            guard let given = value.bool else { throw Self.wrong("dryRun", "must be true or false") }
            isRehearsal = given
        }
        return BulkChange(
            action: action, query: query, endedBefore: endedBefore, limit: limit, isRehearsal: isRehearsal)
    }

    /// What a list and a change of many jobs have in common.
    private mutating func filters() throws(Refusal) -> JobQueryFields {
        var query = JobQueryFields()
        for word in try string("status")?.split(separator: ",") ?? [] {
            guard let status = JobStatus(rawValue: String(word)) else {
                throw Self.wrong("status", "must hold states separated by commas")
            }
            query.statuses.insert(status)
        }
        query.queue = try text("queue")
        query.jobType = try text("jobType")
        query.text = try text("q")
        query.owner = try owner()
        return query
    }

    fileprivate mutating func update() throws(Refusal) -> Update {
        var update = Update()
        if let word = try string("status") {
            guard let status = Update.Status(rawValue: word) else {
                throw Self.wrong("status", "must be processing, completed or failed")
            }
            update.status = status
        }
        update.progress = try number("progress", in: 0...100)
        update.step = try settableText("step")
        update.message = try settableText("message")
        update.metadata = try patch("metadata", limit: Limits.metadataPatchBytes)
        update.result = try settableResult()
        update.error = try value("error").map { (json) throws(Refusal) in
            try Self.within("error") { () throws(Refusal) in try Self.failure(json) }
        }
        update.leaseSeconds = try integer("leaseSeconds", in: Limits.leaseSeconds)
        update.lines = try lines()
        update.priority = try integer("priority", in: Limits.priorities)
        if has("runAt") { update.runAt = .set(try moment("runAt")) }
        return update
    }

    mutating func lines() throws(Refusal) -> [Update.Line] {
        guard let value = value("lines") else { return [] }
        guard let elements = value.array, elements.count <= Limits.reportLines else {
            throw Self.wrong("lines", "must be a list of at most \(Limits.reportLines) lines")
        }
        var lines: [Update.Line] = []
        for (index, element) in elements.enumerated() {
            lines.append(try Fields.within("lines/\(index)") { () throws(Refusal) in try Self.line(element) })
        }
        return lines
    }

    private static func line(_ json: JSONValue) throws(Refusal) -> Update.Line {
        var fields = try Fields(json)
        guard let stream = try fields.string("stream").flatMap(Update.Line.Stream.init) else {
            throw wrong("stream", "must be stdout or stderr")
        }
        guard let text = try fields.string("text"), text.utf8.count <= Limits.lineBytes else {
            throw wrong("text", "must have at most \(Limits.lineBytes) bytes")
        }
        try fields.end()
        return Update.Line(stream: stream, text: text)
    }

    fileprivate mutating func ifVersion() throws(Refusal) -> Int64? { try integer("ifVersion", in: 0...Int64.max) }

    private mutating func settableResult() throws(Refusal) -> Field<JSONText> {
        guard has("result") else { return .absent }
        return .set(try json("result", limit: Limits.resultBytes))
    }

    static func failure(_ json: JSONValue) throws(Refusal) -> JobFailure {
        var fields = try Fields(json)
        guard let code = try fields.string("code"), (1...64).contains(code.utf8.count),
            code.utf8.allSatisfy({ "abcdefghijklmnopqrstuvwxyz0123456789-".utf8.contains($0) })
        else {
            throw wrong("code", "must be 1 to 64 of a-z 0-9 -")
        }
        let failure = JobFailure(
            code: code, message: try fields.text("message") ?? "It failed with the code \(code).",
            step: try fields.text("step"),
            exitCode: try fields.integer("exitCode", in: Int(Int32.min)...Int(Int32.max)),
            signal: try fields.text("signal"), cause: try fields.text("cause", limit: 16 * 1024))
        try fields.end()
        return failure
    }

    fileprivate mutating func file() throws(Refusal) -> JobFile {
        let file = JobFile(
            fileId: try fileId(), name: try text("name", limit: Limits.fileNameBytes) ?? "",
            size: try size("size"),
            mediaType: try text("mediaType") ?? "application/octet-stream", sha256: try string("sha256") ?? "")
        guard file.sha256.utf8.count == 64, file.sha256.utf8.allSatisfy("0123456789abcdef".utf8.contains) else {
            throw Self.wrong("sha256", "must be 64 hexadecimal digits, letters in lower case")
        }
        return file
    }

    fileprivate mutating func frontReport() throws(Refusal) -> FrontReport {
        var report = FrontReport(
            streams: try require("streams", in: 0...1_000_000),
            uploads: try integer("uploads", in: 0...1_000_000) ?? 0)
        guard let value = value("requests") else { return report }
        guard let elements = value.array, elements.count <= FrontReport.maximumRequestKinds else {
            throw Self.wrong("requests", "must be a list of at most \(FrontReport.maximumRequestKinds) entries")
        }
        for element in elements {
            guard let operation = element["operation"]?.string, (1...32).contains(operation.utf8.count),
                operation.utf8.allSatisfy({ $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") }),
                let status = element["status"]?.string, ["1xx", "2xx", "3xx", "4xx", "5xx"].contains(status),
                let count = element["count"]?.integer, Limits.counts.contains(count)
            else { throw Self.wrong("requests", "must hold objects of operation, status and count") }
            report.requests.append(.init(operation: operation, status: status, count: count))
        }
        return report
    }

    fileprivate mutating func uploadReport() throws(Refusal) -> UploadReport {
        guard let upload = try text("upload", limit: 64), !upload.isEmpty else {
            throw Self.wrong("upload", "is missing")
        }
        return UploadReport(
            upload: upload, bytes: try integer("bytes", in: Limits.sizes) ?? 0,
            announced: try integer("announced", in: Limits.sizes), hasEnded: try boolean("ended") ?? false)
    }

    fileprivate mutating func refusalReport() throws(Refusal) -> RefusalReport {
        guard let request = try text("request", limit: 128), !request.isEmpty, request.printable == request else {
            throw Self.wrong("request", "must be a line of 1 to 128 characters")
        }
        guard let code = try string("code").flatMap(ErrorCode.init), [.forbidden, .unauthorized].contains(code) else {
            throw Self.wrong("code", "must be \"forbidden\" or \"unauthorized\"")
        }
        return RefusalReport(
            request: request, code: code,
            jobId: try value("jobId").map { (json) throws(Refusal) in try Self.jobId(json, at: "/jobId") })
    }

    fileprivate mutating func tokenOrder() throws(Refusal) -> TokenOrder {
        var order = TokenOrder(
            owner: try owner(),
            job: try value("job").map { (json) throws(Refusal) in try Self.jobId(json, at: "/job") },
            seconds: try integer("seconds", in: TokenOrder.seconds))
        guard let value = value("scope") else { return order }
        var scope: Set<Right> = []
        for word in value.array ?? [.null] {
            guard let right = word.string.flatMap(Right.init), right != .public else {
                throw Self.wrong("scope", "must be a list of read, write, create, work, observe, operate")
            }
            scope.insert(right)
        }
        order.scope = scope
        return order
    }

    fileprivate mutating func artifactName() throws(Refusal) -> ArtifactName {
        guard let name = try require("name").string.flatMap(ArtifactName.init) else {
            throw Self.wrong("name", "is no artifact name")
        }
        return name
    }

    fileprivate mutating func queueName() throws(Refusal) -> String {
        guard let name = try text("name") else { throw Self.wrong("name", "is missing") }
        return name
    }
}
