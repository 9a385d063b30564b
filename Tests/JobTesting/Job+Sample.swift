package import JSON
package import JobModel

extension JobID {
    package static var sample: JobID { .named("sample") }

    /// An id that a test knows to be within the grammar.
    package static func named(_ text: String) -> JobID {
        guard let id = JobID(text) else { preconditionFailure("\(text) is not a job id") }
        return id
    }
}

extension ArtifactName {
    /// A name that a test knows to be within the grammar.
    package static func named(_ text: String) -> ArtifactName {
        guard let name = ArtifactName(text) else { preconditionFailure("\(text) is not an artifact name") }
        return name
    }
}

extension FileID {
    /// An id that a test knows to be within the grammar.
    package static func named(_ text: String) -> FileID {
        guard let id = FileID(text) else { preconditionFailure("\(text) is not a file id") }
        return id
    }
}

extension Job {
    /// A job of which a test names only what it is about.
    package static func sample(
        jobId: JobID = .sample, jobType: String = JobMap.defaultJobType, status: JobStatus = .pending,
        progress: Double = 0, message: String? = nil, queue: String = "default", priority: Int = 0, attempt: Int = 0,
        run: Int64? = nil, runner: Runner? = nil, version: Int64 = 1,
        createdAt: Timestamp = Timestamp(milliseconds: 1_000_000),
        files: [JobFile] = [], runAt: Timestamp? = nil, metadata: JSONValue = [:], result: JSONValue? = nil,
        error: JobFailure? = nil, artifacts: [Artifact] = [], number: Int64 = 1, revision: Int64 = 1,
        owner: String? = nil, account: Account? = nil
    ) -> Job {
        Job(
            jobId: jobId, number: number, status: status, version: version, revision: revision,
            asked: Asked(jobType: jobType, owner: owner, account: account, queue: queue, priority: priority),
            input: Input(files: files, isWhole: status != .pending, metadata: JSONText(metadata)),
            runs: Runs(last: run ?? (attempt > 0 ? Int64(attempt) : nil), attempt: attempt),
            lease: Lease(runner: runner), progress: Progress(percent: progress, message: message),
            times: Times(
                createdAt: createdAt, runAt: runAt, startedAt: attempt > 0 ? createdAt : nil,
                finishedAt: status.isFinal ? createdAt : nil),
            outcome: Outcome(result: result.map { JSONText($0) }, error: error, artifacts: artifacts))
    }
}

extension JobFile {
    /// A file with this name and a digest made of it.
    package static func sample(_ name: String, size: Int64 = 48_211) -> JobFile {
        let digits = Array("0123456789abcdef")
        let seed = name.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
        let digest = String((0..<64).map { digits[(seed >> ($0 % 13) + $0) & 15] })
        return JobFile(
            fileId: .named("file_\(name)"), name: "\(name).pdf", size: size, mediaType: "application/pdf",
            sha256: digest)
    }
}

extension LogLine {
    package static func sample(_ text: String, at: Timestamp = Timestamp(milliseconds: 1_000_000)) -> LogLine {
        LogLine(at: at, step: "extract-text", stream: "stdout", text: text)
    }
}
