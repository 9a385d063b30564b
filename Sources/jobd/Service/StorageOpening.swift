import Glibc
import JobFiles
import JobModel
import JobStorage
import JobStorageSQLite
import JobSystem

/// Opens a storage directory: its store, and the files that belong to it.
struct StorageOpening {
    /// There are uploads or artifacts, and no store that names them.
    struct WithoutStore: Error, CustomStringConvertible {
        let directory: String

        var description: String {
            "There is no store in \(directory) (jobd.sqlite), but there are uploads or artifacts, which a new store would "
                + "not know. Put the store back, or a whole backup; or move files and artifacts away to begin with none."
        }
    }

    let directory: String

    /// - Throws: ``WithoutStore``, `OpenError` or `SystemError`, in words for the operator; nothing has changed then.
    func open() async throws -> (area: FilesArea, store: SQLiteJobStore, broughtBack: Int) {
        if !hasStore, hasFiles { throw WithoutStore(directory: directory) }
        let area = try FilesArea(
            directory: directory, types: TypeFinder(executable: ProgramPath.itself))
        let store = try SQLiteJobStore.open(directory: directory)
        return (area, store, try await bringBack(to: area, knownTo: store))
    }

    private var hasStore: Bool {
        var status = stat()
        return stat("\(directory)/jobd.sqlite", &status) == 0 && status.st_size > 0
    }

    private var hasFiles: Bool {
        Directory.names(at: "\(directory)/files").contains { !["arriving", "partial"].contains($0) }
            || !Directory.names(at: "\(directory)/artifacts").isEmpty
    }

    /// Takes back what was set aside and the store knows: somebody has put the right one in the place of another.
    private func bringBack(to area: FilesArea, knownTo store: SQLiteJobStore) async throws -> Int {
        var count = 0
        var files = area.filesSetAside()[...]
        while !files.isEmpty {
            for record in try await store.files(Array(files.prefix(Self.askedAtOnce))) {
                if try area.bringBack(record.file.fileId) { count += 1 }
            }
            files = files.dropFirst(Self.askedAtOnce)
        }
        for job in area.artifactsSetAside() {
            guard case .job? = try await store.record(job) else { continue }
            if try area.bringBack(artifactsOf: job) { count += 1 }
        }
        return count
    }

    private static let askedAtOnce = 500
}
