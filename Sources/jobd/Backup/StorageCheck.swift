import Glibc
import JobFiles
import JobModel
import JobStorageSQLite
import JobSystem

/// `jobd check`: reads everything of a storage directory that no daemon uses, or of a backup, and compares it with what is
/// on record; changes nothing.
struct StorageCheck {
    /// What a line of the report is about.
    enum Line: Hashable {
        /// Something is wrong.
        case fault(String)
        /// Something that an operator may want to know, and that is right.
        case note(String)
    }

    let directory: String
    private let report: (Line) -> Void

    private var area: FilesArea {
        FilesArea(existing: directory, types: TypeFinder(executable: ProgramPath.itself))
    }

    /// A check that tells what it finds while it goes.
    init(directory: String, report: @escaping (Line) -> Void) {
        self.directory = directory
        self.report = report
    }

    /// - Returns: Whether nothing is wrong.
    func run() -> Bool {
        var faults = 0
        func fault(_ text: String) {
            faults += 1
            report(.fault(text))
        }
        guard !StoreReader.isInUse(directory: directory) else {
            fault("A daemon uses \(directory); stop it first, or check a backup.")
            return false
        }
        do {
            let reader = try StoreReader(directory: directory)
            for text in reader.faults() { fault(text) }
            try compare(with: reader, fault)
        } catch {
            fault("\(error)")
        }
        return faults == 0
    }

    private func compare(with reader: StoreReader, _ fault: (String) -> Void) throws {
        var (jobs, artifacts, bytes) = (0, 0, Int64(0))
        var known = Set<String>()
        try reader.forEachFile { file in
            known.insert("files/\(file.fileId)")
            bytes = bytes.adding(file.size)
            let problem = Self.problem(
                at: area.path(of: file.fileId), size: file.size, sha256: file.sha256 ?? "")
            if let problem { fault("The file \(file.fileId) \(problem).") }
        }
        let files = known.count
        try reader.forEachJob { number, job in
            guard let job else { return fault("The record of job number \(number) cannot be read.") }
            jobs += 1
            for artifact in job.outcome.artifacts {
                artifacts += 1
                bytes = bytes.adding(artifact.size)
                let path = area.path(of: artifact.name, of: job.jobId, run: job.runs.last)
                known.insert(String(path.dropFirst(directory.count + 1)))
                let problem = Self.problem(at: path, size: artifact.size, sha256: artifact.sha256)
                if let problem { fault("The artifact \(artifact.name) of the job \(job.jobId) \(problem).") }
            }
        }
        noteLeftovers(known)
        let counts = try reader.counts()
        report(
            .note(
                "Read \(jobs) jobs, \(counts.gone) tombstones of deleted ones, \(counts.lines) lines of logs, \(files) files and "
                    + "\(artifacts) artifacts of \(bytes) bytes."))
    }

    /// What is wrong with a stored file, as the end of a sentence; nil when it is as recorded.
    private static func problem(at path: String, size: Int64, sha256: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            return errno == ENOENT ? "is missing" : "cannot be opened: \(String(cString: strerror(errno)))"
        }
        defer { close(descriptor) }
        do throws(SystemError) {
            let found = try Digest.ofFile(descriptor, path: path)
            guard found.size == size else { return "has \(found.size) bytes instead of \(size)" }
            return found.sha256 == sha256 ? nil : "does not have the recorded digest; its SHA-256 is \(found.sha256)"
        } catch {
            return "cannot be read: \(error)"
        }
    }

    /// What lies in the directory without a record: a crash leaves it, and the daemon removes most of it in time.
    private func noteLeftovers(_ known: Set<String>) {
        func names(_ folder: String) -> [String] {
            Directory.names(at: "\(directory)/\(folder)").map { "\(folder)/\($0)" }
        }
        let files = names("files").filter { !["files/arriving", "files/partial"].contains($0) && !known.contains($0) }
        // Of runs, and those that earlier versions put beside them.
        let artifacts = names("artifacts").flatMap(names).flatMap { path in
            var status = stat()
            let isFile = lstat("\(directory)/\(path)", &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            return isFile ? [path] : names(path)
        }
        let unknown = names("unknown").flatMap(names)
        for (what, paths) in [
            ("files without a record", files),
            ("artifacts without a record", artifacts.filter { !known.contains($0) }),
            ("files that were set aside because no record names them", unknown),
            ("incomplete uploads", names("files/arriving")),
            ("unfinished resumable uploads", names("files/partial")),
            ("directories of attempts", names("runs")),
        ] where !paths.isEmpty {
            let examples = paths.sorted().prefix(3).joined(separator: ", ")
            report(.note("There are \(paths.count) \(what): \(examples)\(paths.count > 3 ? ", …" : "")."))
        }
    }
}
