import GRDB
import JSON
import JobModel

/// A row of `job_detail`: what is large, and seldom changes.
struct Details: Hashable {
    /// Nil when it is short, and so in the job's own row.
    private let metadata: JSONText?
    private let files: [JobFile]
    private let result: JSONText?
    private let error: JobFailure?
    private let artifacts: [Artifact]
    private let traceParent: TraceParent?
    private let earlierAttempts: [EarlierAttempt]
    private let terms: JobTerms

    init(_ job: Job) {
        metadata = job.shortMetadata == nil ? job.input.metadata : nil
        files = job.input.files
        result = job.outcome.result
        error = job.outcome.error
        artifacts = job.outcome.artifacts
        traceParent = job.input.traceParent
        earlierAttempts = job.runs.earlier
        terms = job.asked.terms
    }

    private static let insertion = """
        INSERT OR REPLACE INTO job_detail
            (number, metadata, files, file_names, result, error, artifacts, traceparent, earlier_attempts, terms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    func write(of number: Int64, in database: Database) throws {
        try database.run(Self.insertion) { row in
            row.bind(number)
            row.bind(metadata?.text ?? "{}")
            row.bind(Self.text(files, \.json))
            row.bind(files.map(\.name).joined(separator: "\n"))
            row.bind(result?.text)
            row.bind(error.map { JSONText($0.json).text })
            row.bind(Self.text(artifacts, \.json))
            row.bind(traceParent?.description)
            row.bind(earlierAttempts.isEmpty ? nil : Self.text(earlierAttempts, \.json))
            row.bind(terms.isEmpty ? nil : JSONText(terms.json).text)
        }
    }

    /// Nearly always there are none.
    private static func text<Part>(_ parts: [Part], _ json: (Part) -> JSONValue) -> String {
        parts.isEmpty ? "[]" : JSONText(.array(parts.map(json))).text
    }

    static func delete(of number: Int64, in database: Database) throws {
        try database.run("DELETE FROM job_detail WHERE number = ?") { $0.bind(number) }
    }
}

extension Job {
    /// The most bytes of metadata that are in the job's own row, which is rewritten with every change of the job.
    private static let shortMetadataBytes = 512

    /// Whether it needs a row of ``Details``.
    var hasDetails: Bool {
        shortMetadata == nil || !input.files.isEmpty || input.traceParent != nil || !asked.$terms.isUsual
            || !runs.earlier.isEmpty || !$outcome.isUsual
    }

    var shortMetadata: JSONText? { input.metadata.byteCount <= Self.shortMetadataBytes ? input.metadata : nil }
}
