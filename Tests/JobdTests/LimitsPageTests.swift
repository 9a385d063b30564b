import FoundationEssentials
import JSON
import JobModel
import JobWire
import Testing

@testable import JobFront

/// The article about limits, whose fixed ones are those of the code.
@Suite(.timeLimit(.minutes(5)))
struct LimitsPageTests {
    private static func rows() throws -> [String: String] {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/jobd/jobd.docc/Limits.md")
        let matches = try String(contentsOf: url, encoding: .utf8).matches(of: #/(?m)^\| (.+?) \| (.+?) \|$/#)
        return Dictionary(matches.map { (String($0.1), String($0.2)) }, uniquingKeysWith: { first, _ in first })
    }

    /// With commas between thousands.
    private static func words(_ number: some BinaryInteger) -> String {
        let digits = String(number)
        guard digits.count > 3 else { return digits }
        return words(number / 1000) + "," + digits.suffix(3)
    }

    private static func words(_ range: ClosedRange<Int>) -> String {
        "\(words(range.lowerBound)) to \(words(range.upperBound))"
    }

    @Test func everyRowSaysWhatTheCodeSays() throws {
        let rows = try Self.rows()
        func expect(_ what: String, _ limit: String) { #expect(rows[what] == limit, "\(what)") }
        expect("`jobType`", "\(Self.words(Limits.jobTypeBytes)) bytes")
        expect("`metadata`", "\(Self.words(Limits.metadataBytes)) bytes of JSON")
        expect("`result`", "\(Self.words(Limits.resultBytes)) bytes of JSON")
        expect("`message`, `step`, the reason of a cancel", "\(Self.words(Limits.textBytes)) bytes each")
        expect("files of a job", Self.words(Limits.files))
        expect("name of a file", "\(Self.words(Limits.fileNameBytes)) bytes")
        expect("artifacts of a job", Self.words(Limits.artifacts))
        expect("`priority`", "\(Limits.priorities.lowerBound) to \(Limits.priorities.upperBound)")
        expect("`maxAttempts`", Self.words(Limits.maxAttempts))
        expect("`limitKey`, `dedupeKey`", "\(Self.words(Limits.keyBytes)) bytes each")
        expect("jobs in `after`", Self.words(Limits.dependencies))
        expect("jobs of a batch", Self.words(Limits.batchJobs))
        expect("how far ahead `runAt` may be", "\(Self.words(Limits.scheduleAhead.components.seconds / 86_400)) days")
        expect(
            "a duration in `timeouts` and `retry`",
            "\(Limits.spans.lowerBound.components.attoseconds / 1_000_000_000_000_000) ms to "
                + "\(Limits.spans.upperBound.components.seconds / 86_400) days")
        expect("earlier runs whose error and log are kept", Self.words(Limits.keptRuns))
        expect("schedules", Self.words(Limits.schedules))
        expect("a body of JSON over HTTP", "\(Self.words(HTTPRequest.bodyLimit)) bytes")
        expect("a request over the control socket", "\(Self.words(LineFraming.requestLimit)) bytes")
        expect("requests in one batch over the control socket", Self.words(Request.maximumBatchCount))
        expect("nesting of arrays and objects in JSON", "\(Self.words(JSONValue.maximumDepth)) levels")
        expect("jobs in one stream by their ids", Self.words(StreamRoutes.maximumJobs))
        expect("lease of an application", "\(Self.words(Limits.leaseSeconds)) seconds")
        expect("lease of a worker", "\(Self.words(Limits.workerLeaseSeconds)) seconds")
        expect("jobs in one claim of a worker", Self.words(Limits.offeredJobs))
        expect("leases in one renewal", Self.words(Limits.renewedLeases))
        expect(
            "lines in one report", "\(Self.words(Limits.reportLines)), each of \(Self.words(Limits.lineBytes)) bytes")
        expect("lines that an application may add to a log", Self.words(Limits.applicationLines))
    }
}
