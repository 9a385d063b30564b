import JobModel
import JobStorage
import JobStorageSQLite
import JobTesting
import Testing

/// A store to test, with the directory that it may use.
enum StoreMaker: String, CaseIterable, Sendable {
    case memory, sqlite

    func make(in directory: TemporaryDirectory) throws -> any JobStore {
        switch self {
        case .memory: MemoryJobStore()
        case .sqlite: try SQLiteJobStore.open(directory: directory.path)
        }
    }
}

/// What every store must do, with the same expectations.
struct JobStoreConformance {
    let directory = TemporaryDirectory()
    let now = Timestamp(milliseconds: 1_000_000)

    @Test(arguments: StoreMaker.allCases)
    func aStoreSaysWhetherItTakesChanges(maker: StoreMaker) async throws {
        try await maker.make(in: directory).checkWritable()
    }
}
