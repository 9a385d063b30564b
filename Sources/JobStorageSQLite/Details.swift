import GRDB
import JobModel

/// A row of `job_detail`: what is large, and seldom changes.
struct Details: Hashable {
    private var metadata = JSONText.emptyObject
    private var files: [JobFile] = []
    private var result: JSONText?
    private var error: JobFailure?
    private var artifacts: [Artifact] = []

    /// What a job without a row has.
    init() {}

    init(_ job: Job) {
        metadata = job.metadata
        files = job.files
        result = job.result
        error = job.error
        artifacts = job.artifacts
    }

    private static let insertion = """
        INSERT OR REPLACE INTO job_detail (number, metadata, files, file_names, result, error, artifacts)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """

    func write(of number: Int64, in database: Database) throws {
        try database.run(Self.insertion) { row in
            row.bind(number)
            row.bind(metadata.text)
            row.bind(JSONText(.array(files.map(\.json))).text)
            row.bind(files.map(\.name).joined(separator: "\n"))
            row.bind(result?.text)
            row.bind(error.map { JSONText($0.json).text })
            row.bind(JSONText(.array(artifacts.map(\.json))).text)
        }
    }

    static func delete(of number: Int64, in database: Database) throws {
        try database.execute(sql: "DELETE FROM job_detail WHERE number = ?", arguments: [number])
    }
}
