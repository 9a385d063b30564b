/// The stable words for what can go wrong, and what each means at every door.
///
/// A new code needs its row in the protocol page.
package enum ErrorCode: String, Sendable, CaseIterable {
    case invalidRequest = "invalid-request"
    case unauthorized = "unauthorized"
    case forbidden = "forbidden"
    case notFound = "not-found"
    case jobNotFound = "job-not-found"
    case jobGone = "job-gone"
    case jobConflict = "job-conflict"
    case fileNotFound = "file-not-found"
    case fileInUse = "file-in-use"
    case artifactNotFound = "artifact-not-found"
    case queueNotFound = "queue-not-found"
    case scheduleNotFound = "schedule-not-found"
    case batchNotFound = "batch-not-found"
    case uploadNotFound = "upload-not-found"
    case deliveryNotFound = "delivery-not-found"
    case methodNotAllowed = "method-not-allowed"
    case requestTimeout = "request-timeout"
    case leaseLost = "lease-lost"
    case offsetConflict = "offset-conflict"
    case preconditionFailed = "precondition-failed"
    case payloadTooLarge = "payload-too-large"
    case unsupportedMediaType = "unsupported-media-type"
    case rangeNotSatisfiable = "range-not-satisfiable"
    case misdirectedRequest = "misdirected-request"
    case uploadLocked = "upload-locked"
    case tooManyRequests = "too-many-requests"
    case quotaExceeded = "quota-exceeded"
    case digestMismatch = "digest-mismatch"
    case checksumMismatch = "checksum-mismatch"
    case internalError = "internal"
    case unavailable = "unavailable"
    case storageFull = "storage-full"

    /// The status of an answer over HTTP that is refused so.
    package var httpStatus: Int { meaning.status }

    /// The exit code of `jobctl`.
    package var exitCode: Int32 { meaning.exitCode }

    /// Whether the same request may succeed later.
    package var mayRetry: Bool { [408, 423, 429, 503, 507].contains(httpStatus) }

    /// The status over HTTP, and the exit code.
    private var meaning: (status: Int, exitCode: Int32) {
        switch self {
        case .invalidRequest: (400, 2)
        case .digestMismatch: (400, 1)
        case .unauthorized: (401, 77)
        case .forbidden: (403, 77)
        case .notFound: (404, 1)
        case .jobNotFound, .fileNotFound, .artifactNotFound, .queueNotFound, .scheduleNotFound, .batchNotFound,
            .uploadNotFound, .deliveryNotFound:
            (404, 4)
        case .methodNotAllowed: (405, 1)
        case .requestTimeout: (408, 75)
        case .jobConflict, .fileInUse, .leaseLost: (409, 3)
        case .offsetConflict: (409, 1)
        case .jobGone: (410, 4)
        case .preconditionFailed: (412, 3)
        case .payloadTooLarge: (413, 1)
        case .unsupportedMediaType: (415, 1)
        case .rangeNotSatisfiable: (416, 1)
        case .misdirectedRequest: (421, 1)
        case .uploadLocked: (423, 75)
        case .tooManyRequests, .quotaExceeded: (429, 75)
        case .checksumMismatch: (460, 1)
        case .internalError: (500, 1)
        case .unavailable: (503, 75)
        case .storageFull: (507, 75)
        }
    }
}
