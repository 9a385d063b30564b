import JobWire
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ErrorCodeTests {
    /// The contract's table, once more and by hand.
    @Test(arguments: [
        (ErrorCode.invalidRequest, "invalid-request", 400, Int32(2)), (.notFound, "not-found", 404, 1),
        (.jobNotFound, "job-not-found", 404, 4), (.jobGone, "job-gone", 410, 4), (.jobConflict, "job-conflict", 409, 3),
        (.fileNotFound, "file-not-found", 404, 4), (.fileInUse, "file-in-use", 409, 3),
        (.artifactNotFound, "artifact-not-found", 404, 4), (.queueNotFound, "queue-not-found", 404, 4),
        (.digestMismatch, "digest-mismatch", 400, 1), (.rangeNotSatisfiable, "range-not-satisfiable", 416, 1),
        (.payloadTooLarge, "payload-too-large", 413, 1), (.unsupportedMediaType, "unsupported-media-type", 415, 1),
        (.methodNotAllowed, "method-not-allowed", 405, 1), (.forbidden, "forbidden", 403, 77),
        (.preconditionFailed, "precondition-failed", 412, 3), (.tooManyRequests, "too-many-requests", 429, 75),
        (.storageFull, "storage-full", 507, 75),
        (.unavailable, "unavailable", 503, 75), (.internalError, "internal", 500, 1),
    ])
    func aCodeHasItsWordStatusAndExitCode(code: ErrorCode, word: String, status: Int, exitCode: Int32) {
        #expect(code.rawValue == word)
        #expect(ErrorCode(rawValue: word) == code)
        #expect(code.httpStatus == status)
        #expect(code.exitCode == exitCode)
        #expect(code.mayRetry == [429, 503, 507].contains(status))
    }

    @Test func theTableIsWhole() {
        #expect(ErrorCode.allCases.count == 20)
    }
}
