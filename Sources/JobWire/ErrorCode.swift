/// The stable words for what can go wrong, and what each means at every door.
///
/// A new code needs its row in the protocol page.
package enum ErrorCode: String, Sendable, CaseIterable {
    case invalidRequest = "invalid-request"
    case notFound = "not-found"
    case jobNotFound = "job-not-found"
    case jobGone = "job-gone"
    case jobConflict = "job-conflict"
    case fileNotFound = "file-not-found"
    case fileInUse = "file-in-use"
    case artifactNotFound = "artifact-not-found"
    case queueNotFound = "queue-not-found"
    case digestMismatch = "digest-mismatch"
    case rangeNotSatisfiable = "range-not-satisfiable"
    case payloadTooLarge = "payload-too-large"
    case unsupportedMediaType = "unsupported-media-type"
    case methodNotAllowed = "method-not-allowed"
    case forbidden = "forbidden"
    case preconditionFailed = "precondition-failed"
    case tooManyRequests = "too-many-requests"
    case storageFull = "storage-full"
    case unavailable = "unavailable"
    case internalError = "internal"

    package var httpStatus: Int {
        switch self {
        case .invalidRequest, .digestMismatch: 400
        case .forbidden: 403
        case .notFound, .jobNotFound, .fileNotFound, .artifactNotFound, .queueNotFound: 404
        case .methodNotAllowed: 405
        case .jobConflict, .fileInUse: 409
        case .jobGone: 410
        case .preconditionFailed: 412
        case .payloadTooLarge: 413
        case .unsupportedMediaType: 415
        case .rangeNotSatisfiable: 416
        case .tooManyRequests: 429
        case .internalError: 500
        case .unavailable: 503
        case .storageFull: 507
        }
    }

    /// The exit code of `jobctl`.
    package var exitCode: Int32 {
        switch self {
        case .invalidRequest: 2
        case .jobConflict, .fileInUse, .preconditionFailed: 3
        case .jobNotFound, .jobGone, .fileNotFound, .artifactNotFound, .queueNotFound: 4
        case .tooManyRequests, .storageFull, .unavailable: 75
        case .forbidden: 77
        case .notFound, .digestMismatch, .rangeNotSatisfiable, .payloadTooLarge,
            .unsupportedMediaType, .methodNotAllowed, .internalError:
            1
        }
    }

    /// Whether the same request may succeed later.
    package var mayRetry: Bool {
        switch self {
        case .tooManyRequests, .storageFull, .unavailable: true
        case .invalidRequest, .notFound, .jobNotFound, .jobGone, .jobConflict, .fileNotFound, .fileInUse,
            .artifactNotFound, .queueNotFound, .digestMismatch, .rangeNotSatisfiable, .payloadTooLarge,
            .unsupportedMediaType, .methodNotAllowed, .forbidden, .preconditionFailed, .internalError:
            false
        }
    }
}
