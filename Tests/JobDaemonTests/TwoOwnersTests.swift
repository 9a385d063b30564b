import JSON
import JobModel
import JobStorage
import JobDaemonTesting
import JobTesting
import JobWire
import NIOCore
import Testing

@testable import JobDaemon

/// Two owners of maps on one store, both alive: each meets what the other has changed, and goes on from there.
@Suite(.timeLimit(.minutes(5)))
struct TwoOwnersTests {
    private func withTwo(_ body: (DaemonHarness, DaemonHarness) async throws -> Void) async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { first in
            try await withDaemon(store: store) { second in try await body(first, second) }
        }
    }

    @Test func aChangeBuildsOnTheOthers() async throws {
        try await withTwo { first, second in
            try await first.call(.createJob, ["jobId": "a", "jobType": "import", "message": "first"])
            try await second.call(.updateJob, ["jobId": "a", "status": "processing", "message": "second"])
            let job = try await first.call(.updateJob, ["jobId": "a", "progress": 5])
            #expect((job["version"], job["message"], job["status"]) == (3, "second", "processing"))
        }
    }

    @Test func anIdIsGivenOnce() async throws {
        try await withTwo { first, second in
            try await first.call(.createJob, ["jobId": "a", "message": "first"])
            let again = try await second.call(.createJob, ["jobId": "a", "message": "second"])
            #expect(again["created"] == false && again["job"]?["message"] == "first")
        }
    }

    @Test func aFileThatTheOtherUsesIsNotDeleted() async throws {
        try await withTwo { first, second in
            try await first.call(.adoptFile, JobFile.sample("one").json.object ?? [:])
            try await second.call(.createJob, ["jobId": "a", "fileIds": ["file_one"]])
            #expect(try await first.refusal(.deleteFile, ["fileId": "file_one"])?.code == .fileInUse)
            #expect(first.disk.removedFiles.isEmpty)
        }
    }

    /// Whoever waits hears of a change that its own daemon meets only in a conflict.
    @Test func whatAConflictShowsIsTold() async throws {
        try await withTwo { first, second in
            try await first.call(.createJob, ["jobId": "a", "jobType": "import"])
            try await second.call(.updateJob, ["jobId": "a", "status": "processing"])
            try await second.call(.updateJob, ["jobId": "a", "status": "completed"])
            let wait = first.client.call(.getJob, ["jobId": "a", "since": 1, "waitSeconds": 50])
            #expect(try await first.refusal(.updateJob, ["jobId": "a", "progress": 5])?.code == .jobConflict)
            #expect(try JSONValue.parse(try await wait.outcome().readableBytesView)["status"] == "completed")
        }
    }

    /// Both at once, as fast as they can: what was acknowledged is there, once.
    @Test func manyChangesFromBothAreAllThere() async throws {
        try await withTwo { first, second in
            try await first.call(.createJob, ["jobId": "a", "jobType": "import"])
            let calls = (1...300).map { number in
                let metadata: JSONValue = .object(JSONObject([.init(key: "k\(number)", value: 1)]))
                return (number % 2 == 0 ? first : second).client.call(.updateJob, ["jobId": "a", "metadata": metadata])
            }
            var acknowledged: Set<String> = []
            for (number, call) in zip(1...300, calls) where (try? await call.outcome()) != nil {
                acknowledged.insert("k\(number)")
            }
            let store = first.store
            let job = try #require(try await store.record(.named("a"))?.job)
            #expect(Set(job.input.metadata.value.object?.members.map(\.key) ?? []) == acknowledged)
            #expect(job.version == Int64(acknowledged.count + 1) && !acknowledged.isEmpty)
        }
    }
}
