import Glibc
import JobFiles
import JobModel
import JobStorage
import JobStorageSQLite
import JobSystem

/// Writes one directory with everything that the daemon keeps, while it works: the store as it was at one moment, and the
/// files and artifacts that it names.
///
/// The directory is itself a storage directory. It has its name only once it is whole and on the disk: until then it is
/// called `NAME.incomplete`. Uploads must not be removed meanwhile.
struct Backup: Sendable {
    /// What was written.
    struct Report: Hashable, Sendable {
        var jobs = 0
        var files = 0
        var artifacts = 0
        /// Of files and artifacts.
        var bytes: Int64 = 0
        /// Files and artifacts on record that are not there, and so not in the backup.
        var missing = 0
        /// Whether files are further names of the originals, and take no space of their own.
        var isShared = false
    }

    /// There is something at the target already.
    struct Exists: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) exists already, and is not an empty directory; choose another." }
    }

    /// Times that the store is copied because jobs that ran again had made their artifacts anew meanwhile.
    private static let maximumRounds = 3

    let area: FilesArea
    let store: SQLiteJobStore
    /// Absolute; missing, or an empty directory.
    let target: String

    private var incomplete: String { "\(target).incomplete" }

    /// - Throws: ``Exists``, `SystemError`, `StoreError` or `OpenError`; nothing is at the target then.
    func run() async throws -> Report {
        guard try Self.isFree(target) else { throw Exists(path: target) }
        try makeIncomplete()
        do {
            let report = try await fill()
            guard rename(incomplete, target) == 0 else { throw SystemError("rename", target) }
            try Directory.sync(Self.parent(of: target))
            return report
        } catch {
            Directory.remove(at: incomplete)
            throw error
        }
    }

    /// What an interrupted backup has left is taken away; anything else that has the name stays.
    private func makeIncomplete() throws {
        let own: Set<String> = ["jobd.sqlite", "jobd.sqlite-journal", "files", "artifacts", "runs"]
        if own.isSuperset(of: Directory.names(at: incomplete)) { Directory.remove(at: incomplete) }
        guard mkdir(incomplete, 0o700) == 0 else { throw SystemError("mkdir", incomplete) }
    }

    private func fill() async throws -> Report {
        let copy = try FilesArea(directory: incomplete, types: area.types)
        let path = "\(incomplete)/jobd.sqlite"
        var report = Report()
        for round in 1...Self.maximumRounds {
            unlink(path)
            Directory.removeAny(at: "\(incomplete)/artifacts")
            guard mkdir("\(incomplete)/artifacts", 0o700) == 0 else { throw SystemError("mkdir", incomplete) }
            let began = Self.now
            try await store.copy(to: path)
            let sharing = Sharing(source: area, target: copy, began: began, mayMiss: round == Self.maximumRounds)
            if let shared = try await Blocking.run({ try sharing.run() }) {
                report = shared
                break
            }
        }
        try FileCopy.sync(path)
        for folder in ["files", "artifacts", ""] { try Directory.sync("\(incomplete)/\(folder)") }
        return report
    }

    private static var now: timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }

    /// Whether a backup may have the name.
    private static func isFree(_ path: String) throws(SystemError) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            let error = SystemError("lstat", path)
            guard error.isMissing else { throw error }
            return true
        }
        return status.st_mode & S_IFMT == S_IFDIR && Directory.names(at: path).isEmpty
    }

    private static func parent(of path: String) -> String {
        "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    }
}
