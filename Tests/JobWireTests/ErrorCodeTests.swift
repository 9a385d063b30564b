import JobWire
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ErrorCodeTests {
    /// The contract's table, once more and by hand.
    @Test(
        arguments: [
            (ErrorCode.invalidRequest, "invalid-request", 400, Int32(2)), (.unauthorized, "unauthorized", 401, 77),
            (.forbidden, "forbidden", 403, 77), (.notFound, "not-found", 404, 1),
            (.jobNotFound, "job-not-found", 404, 4), (.jobGone, "job-gone", 410, 4),
            (.jobConflict, "job-conflict", 409, 3), (.fileNotFound, "file-not-found", 404, 4),
            (.fileInUse, "file-in-use", 409, 3), (.artifactNotFound, "artifact-not-found", 404, 4),
            (.queueNotFound, "queue-not-found", 404, 4), (.scheduleNotFound, "schedule-not-found", 404, 4),
            (.batchNotFound, "batch-not-found", 404, 4), (.uploadNotFound, "upload-not-found", 404, 4),
            (.deliveryNotFound, "delivery-not-found", 404, 4), (.methodNotAllowed, "method-not-allowed", 405, 1),
            (.requestTimeout, "request-timeout", 408, 75), (.leaseLost, "lease-lost", 409, 3),
            (.offsetConflict, "offset-conflict", 409, 1), (.preconditionFailed, "precondition-failed", 412, 3),
            (.payloadTooLarge, "payload-too-large", 413, 1), (.unsupportedMediaType, "unsupported-media-type", 415, 1),
            (.rangeNotSatisfiable, "range-not-satisfiable", 416, 1),
            (.misdirectedRequest, "misdirected-request", 421, 1), (.uploadLocked, "upload-locked", 423, 75),
            (.tooManyRequests, "too-many-requests", 429, 75), (.quotaExceeded, "quota-exceeded", 429, 75),
            (.digestMismatch, "digest-mismatch", 400, 1), (.checksumMismatch, "checksum-mismatch", 460, 1),
            (.internalError, "internal", 500, 1), (.unavailable, "unavailable", 503, 75),
            (.storageFull, "storage-full", 507, 75),
        ] as [(ErrorCode, String, Int, Int32)])
    func aCodeHasItsWordStatusAndExitCode(code: ErrorCode, word: String, status: Int, exitCode: Int32) {
        #expect(code.rawValue == word)
        #expect(ErrorCode(rawValue: word) == code)
        #expect(code.httpStatus == status)
        #expect(code.exitCode == exitCode)
        #expect(code.mayRetry == [408, 423, 429, 503, 507].contains(status))
    }

    @Test func theTableIsWhole() {
        #expect(ErrorCode.allCases.count == 32)
    }
}
