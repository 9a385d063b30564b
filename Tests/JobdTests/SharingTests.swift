import FoundationEssentials
import Glibc
import JobFiles
import JobModel
import JobStorage
import JobStorageSQLite
import JobTesting
import Testing

@testable import jobd

@Suite(.timeLimit(.minutes(5)))
struct SharingTests {
    private let directory = TemporaryDirectory()
    private let job = Job.sample(
        jobId: .named("a"), status: .completed,
        artifacts: [
            Artifact(
                name: .named("text.txt"), mediaType: "text/plain", size: 3,
                // Of "one".
                sha256: "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed")
        ])

    @Test func anArtifactThatWasMadeAnewMeansThatTheStoreIsCopiedAgain() async throws {
        let sharing = try await makeSharing(mayMiss: false)
        try lay("two")
        #expect(try sharing.run() == nil)
        // What is the same after all is taken.
        try lay("one")
        #expect(try await makeSharing(mayMiss: false).run()?.artifacts == 1)
    }

    @Test func aMissingArtifactIsCountedWhenItIsTheLastTry() async throws {
        #expect(try await makeSharing(mayMiss: false).run() == nil)
        let report = try #require(try await makeSharing(mayMiss: true).run())
        #expect((report.jobs, report.artifacts, report.missing) == (1, 1, 1))
    }

    private func lay(_ content: String) throws {
        let area = try FilesArea(directory: directory.appending("data"), types: .built)
        try area.makeArtifactsFolder(of: job.jobId, run: job.runs.last)
        let path = area.path(of: .named("text.txt"), of: job.jobId, run: job.runs.last)
        try Data(content.utf8).write(to: URL(filePath: path))
    }

    /// As a backup does it after it has copied the store.
    private func makeSharing(mayMiss: Bool) async throws -> Sharing {
        let source = try FilesArea(directory: directory.appending("data"), types: .built)
        let target = try FilesArea(
            directory: directory.appending("copy-\(UInt64.random(in: 0..<UInt64.max))"), types: .built)
        var began = timespec()
        clock_gettime(CLOCK_REALTIME, &began)
        let store = try SQLiteJobStore.open(directory: source.directory)
        if try await store.record(job.jobId) == nil {
            try await store.commit([.job(JobEvent(kind: .created, before: nil, after: .job(job)))])
        }
        try await store.copy(to: "\(target.directory)/jobd.sqlite")
        await store.close()
        return Sharing(source: source, target: target, began: began, mayMiss: mayMiss)
    }
}
