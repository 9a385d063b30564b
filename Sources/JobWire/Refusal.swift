package import JSON
package import JobModel

/// An error as it crosses the wire: a code for machines, a sentence for people, and what belongs to the code.
package struct Refusal: Error, Hashable, Sendable {
    /// JSON-RPC's own number.
    package enum Number: Int64, Sendable {
        case notJSON = -32700
        case notARequest = -32600
        case unknownMethod = -32601
        case wrongParams = -32602
        /// A well-formed request that jobd refuses; ``Refusal/code`` says why.
        case refused = -32000
    }

    /// The number that JSON-RPC gives it.
    package let number: Number
    /// What programs branch on; stable.
    package let code: ErrorCode
    /// A sentence for people: what was wrong, and what to do.
    package let message: String
    /// The JSON Pointer of the parameter at fault.
    package let pointer: String?
    /// Further members of `data`: `job`, `jobStatus`, `finishedAt`, `goneAt`.
    package let details: JSONObject

    /// A request that was understood, and refused with a code.
    package init(_ code: ErrorCode, _ message: String, pointer: String? = nil, details: JSONObject = JSONObject()) {
        self.init(code == .invalidRequest ? .wrongParams : .refused, code, message, pointer: pointer, details: details)
    }

    package init(
        _ number: Number, _ code: ErrorCode, _ message: String, pointer: String? = nil,
        details: JSONObject = JSONObject()
    ) {
        self.number = number
        self.code = code
        self.message = message
        self.pointer = pointer
        self.details = details
    }

    /// As a client is told of what the map refuses.
    package init(_ error: JobError) {
        switch error {
        case .invalid(let pointer, let reason):
            self.init(.invalidRequest, reason, pointer: pointer)
        case .unauthorized(let reason):
            self.init(.unauthorized, reason)
        case .forbidden(let reason):
            self.init(.forbidden, reason)
        case .jobNotFound(let id):
            self.init(.jobNotFound, "There is no job \(id).")
        case .jobGone(let tombstone):
            self.init(
                .jobGone, "The job \(tombstone.jobId) was deleted.",
                details: [
                    "jobStatus": .string(tombstone.jobStatus.rawValue),
                    "finishedAt": JSONValue(tombstone.finishedAt), "goneAt": JSONValue(tombstone.goneAt),
                ])
        case .jobTaken(let id):
            self.init(.jobConflict, "The id \(id) is taken.")
        case .keyTaken:
            self.init(.jobConflict, "Another job has this dedupeKey.", pointer: "/dedupeKey")
        case .jobConflict(let job, let reason):
            self.init(.jobConflict, reason, details: ["job": job.json])
        case .versionConflict(let job, let expected):
            self.init(
                .preconditionFailed, "The job \(job.jobId) has the version \(job.version), not \(expected).",
                details: ["job": job.json])
        case .fileNotFound(let id):
            self.init(.fileNotFound, "There is no file \(id).")
        case .fileInUse(let id):
            self.init(.fileInUse, "A job uses the file \(id).")
        case .uploadNotFound(let id):
            self.init(.uploadNotFound, "There is no upload \(id).")
        case .queueNotFound(let name):
            self.init(.queueNotFound, "There is no queue \(name).")
        case .leaseLost(let id):
            self.init(.leaseLost, "The token is not that of the one who holds the job \(id) now.")
        case .batchNotFound(let id):
            self.init(.batchNotFound, "There is no batch \(id).")
        case .scheduleNotFound(let name):
            self.init(.scheduleNotFound, "There is no schedule \(name).")
        case .refused(let reason):
            self.init(.jobConflict, reason)
        case .quotaExceeded(let kind, let scope, let limit):
            self.init(
                .quotaExceeded, Self.sentence(of: kind, scope, limit),
                details: ["quota": .string("quota.\(scope.rawValue).\(kind.rawValue)"), "limit": JSONValue(limit)])
        case .draining:
            self.init(.unavailable, "The service is drained: it makes no jobs until an operator says undrain.")
        case .within(let pointer, let error):
            self = Refusal(error).within(pointer)
        }
    }

    /// As the sender of the upload is told.
    package init(_ error: UploadError) {
        switch error {
        case .tooLarge(let maximumBytes):
            self.init(.payloadTooLarge, "An upload may have at most \(maximumBytes) bytes.")
        case .storageFull:
            self.init(.storageFull, "There is no room for this on the disk.")
        case .otherContent(let sha256):
            self.init(.digestMismatch, "The content is not what was announced: its SHA-256 is \(sha256).")
        case .otherLength(let announced, let bytes):
            self.init(.invalidRequest, "The body has \(bytes) bytes, but \(announced) were announced.")
        case .wrongOffset(let bytes):
            self.init(.invalidRequest, "The upload has \(bytes) bytes so far; go on there.", pointer: "/offset")
        case .failed:
            self.init(.invalidRequest, "A part of this upload was refused; begin it anew.")
        case .otherChecksum:
            self.init(.checksumMismatch, "The piece does not have the announced Upload-Checksum; send it again.")
        case .locked:
            self.init(.uploadLocked, "Another request goes on with this upload; try again in a moment.")
        case .notArrived(let id):
            self.init(.fileNotFound, "No upload \(id) has arrived.")
        case .unlike(let id, let reason):
            self.init(.invalidRequest, "The upload \(id) \(reason).", pointer: "/size")
        case .unavailable:
            self.init(.unavailable, "There is nothing left to store this with; try again in a moment.")
        case .system(let reason):
            self.init(.internalError, "The file could not be stored: \(reason).")
        }
    }

    private static func sentence(of kind: Quotas.Kind, _ scope: Quotas.Scope, _ limit: Int64) -> String {
        let whose = scope == .owner ? "You may have" : "There may be"
        return switch kind {
        case .openJobs: "\(whose) \(limit) jobs at a time that have not ended; wait until some have."
        case .storedBytes: "\(whose) \(limit) bytes of files and artifacts; delete jobs that have ended."
        case .uploads: "\(whose) \(limit) uploads at a time; wait until some have come whole."
        case .unfinishedUploads: "\(whose) \(limit) uploads that are not finished; finish some, or delete them."
        }
    }

    /// The status over HTTP: that of the code, but for bytes, which somebody has to make room for.
    package var httpStatus: Int {
        code == .quotaExceeded && details["quota"]?.string?.hasSuffix(".storedBytes") == true ? 507 : code.httpStatus
    }

    /// The `error` member of a reply.
    package var json: JSONValue {
        var data: JSONObject = ["code": .string(code.rawValue), "retry": .bool(code.mayRetry)]
        data["pointer"] = pointer.map(JSONValue.string)
        for member in details.members { data[member.key] = member.value }
        return [
            "code": JSONValue(number.rawValue), "message": .string(message), "data": .object(data),
        ]
    }

    /// Reads the `error` member of a reply; a code of a later version counts as `internal`.
    package init(json: JSONValue) {
        let data = json["data"]?.object ?? JSONObject()
        let own: Set<String> = ["code", "retry", "pointer"]
        self.init(
            json["code"]?.integer.flatMap(Number.init) ?? .refused,
            data["code"]?.string.flatMap(ErrorCode.init) ?? .internalError,
            json["message"]?.string ?? "The daemon gave no reason.",
            pointer: data["pointer"]?.string,
            details: JSONObject(data.members.filter { !own.contains($0.key) }))
    }
}

extension JSONValue {
    /// As RFC 3339 with milliseconds, in UTC; null for nil.
    package init(_ moment: Timestamp?) {
        self = moment.map { .string($0.description) } ?? .null
    }
}

extension Refusal {
    /// The same of a part of a request, which a pointer names (RFC 6901).
    package func within(_ pointer: String) -> Refusal {
        let inner = self.pointer ?? ""
        let text = !inner.isEmpty && message.hasPrefix(inner) ? pointer + message : message
        return Refusal(number, code, text, pointer: pointer + inner, details: details)
    }
}
