import JSON
import JobModel
import JobStorage
import JobDaemonTesting
import JobTesting
import JobWire
import Testing

@testable import JobDaemon

/// Uploads over the socket, and the adoption of all.
@Suite(.timeLimit(.minutes(5)))
struct UploadCallTests {
    @Test func anUploadThatBeginsAsItsConnectionEndsIsDropped() async throws {
        try await withDaemon { (harness) async throws in
            let release = harness.disk.holdBegins()
            let connection = try await LineConnection.connect(to: harness.socketPath)
            try await connection.send(Self.begin + "\n")
            while harness.disk.heldBegins == 0 { try await harness.call(.listQueues) }
            try await connection.close()
            while try await harness.call(.serverStatus)["connections"] != 1 {}
            release()
            while harness.disk.openUploads > 0 { try await harness.call(.listQueues) }
        }
    }

    @Test func aConnectionHasSoManyUploadsAtOnceAndNoMore() async throws {
        try await withDaemon { (harness) async throws in
            for _ in 0..<OpenUploads.maximumCount { try await harness.call(.beginFile, ["name": "a"]) }
            #expect(try await harness.refusal(.beginFile, ["name": "a"])?.code == .tooManyRequests)
            try await harness.call(.commitFile, ["fileId": "file_upload_15"])
            #expect(try await harness.refusal(.beginFile, ["name": "a"]) == nil)
            #expect(try await harness.refusal(.beginFile, ["name": "a"])?.code == .tooManyRequests)
        }
    }

    @Test func aRefusedPartIsTheEndOfItsUpload() async throws {
        try await withDaemon { (harness) async throws in
            try await harness.call(.beginFile, ["name": "a"])
            harness.disk.failAppends(true)
            let part: JSONObject = ["fileId": "file_upload_0", "data": "YQ=="]
            #expect(try await harness.refusal(.appendFile, part)?.code == .storageFull)
            harness.disk.failAppends(false)
            #expect(try await harness.refusal(.appendFile, part)?.code == .fileNotFound)
            #expect(try await harness.refusal(.commitFile, ["fileId": "file_upload_0"])?.code == .fileNotFound)
        }
    }

    // MARK: Adoption

    @Test func whatHasNotArrivedGetsNoRecord() async throws {
        try await withDaemon { (harness) async throws in
            harness.disk.lose(.named("file_a"))
            let file = JobFile.sample("a").json.object ?? [:]
            #expect(try await harness.refusal(.adoptFile, file)?.code == .fileNotFound)
            #expect(try await harness.refusal(.getFile, ["fileId": "file_a"])?.code == .fileNotFound)
        }
    }

    @Test(arguments: [StoreFault.full, .unavailable])
    func anUploadWithoutARecordIsRemovedAtTheNextLook(fault: StoreFault) async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { (harness) async throws in
            // The look at the start would take the file away, too.
            while harness.disk.wholeLooks == 0 { try await harness.call(.listQueues) }
            store.fail(next: [fault])
            let file = JobFile.sample("a").json.object ?? [:]
            #expect(try await harness.refusal(.adoptFile, file) != nil)
            #expect(harness.disk.removedFiles == [])
            while harness.disk.removedFiles.isEmpty {
                await harness.clock.advance(by: .seconds(10))
                // Gives way to what the daemon does meanwhile.
                try await harness.call(.listQueues)
            }
            #expect(harness.disk.removedFiles == [.named("file_a")])
            #expect(harness.disk.setAside == [])
        }
    }

    @Test func anUploadThatGotItsRecordAfterAllStays() async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { (harness) async throws in
            // A look between the two would take the file away.
            while harness.disk.wholeLooks == 0 { try await harness.call(.listQueues) }
            store.fail(next: [.unavailable])
            let file = JobFile.sample("a").json.object ?? [:]
            #expect(try await harness.refusal(.adoptFile, file)?.code == .unavailable)
            try await harness.call(.adoptFile, file)
            for _ in 0..<20 { await harness.clock.advance(by: .seconds(60)) }
            try await harness.call(.listQueues)
            #expect(harness.disk.removedFiles == [])
        }
    }

    // MARK: What no record names

    @Test func whatTheStoreDoesNotKnowIsSetAside() async throws {
        let store = MemoryJobStore()
        let job = Job.sample(jobId: .named("known"), status: .completed, number: 1)
        try await store.commit([.job(JobEvent(kind: .created, before: nil, after: .job(job)))])
        try await withDaemon(store: store) { (harness) async throws in
            try await harness.call(.adoptFile, JobFile.sample("known").json.object ?? [:])
            harness.disk.lay(files: [.named("file_lost")], artifactsOf: [.named("known"), .named("lost")])
            while harness.disk.artifactsSetAside.isEmpty || harness.disk.setAside.isEmpty {
                await harness.clock.advance(by: .seconds(60))
                // Gives way to what the daemon does meanwhile.
                try await harness.call(.listQueues)
            }
            #expect(harness.disk.setAside == [.named("file_lost")])
            #expect(harness.disk.artifactsSetAside == [.named("lost")])
            #expect(harness.disk.removedFiles == [])
        }
    }

    @Test func whatADeletedJobMadeIsRemovedEvenIfTheDaemonWasKilledInBetween() async throws {
        let store = MemoryJobStore()
        let job = Job.sample(jobId: .named("gone"), status: .completed, number: 1)
        try await store.commit([.job(JobEvent(kind: .created, before: nil, after: .job(job)))])
        try await withDaemon(store: store) { (harness) async throws in
            try await harness.call(.deleteJob, ["jobId": "gone"])
            // As if nothing had come of that.
            harness.disk.lay(artifactsOf: [.named("gone")])
            while harness.disk.removedArtifacts.count < 2 {
                await harness.clock.advance(by: .seconds(60))
                // Gives way to what the daemon does meanwhile.
                try await harness.call(.listQueues)
            }
            #expect(harness.disk.artifactsSetAside == [])
        }
    }

    private static let begin = #"{"jsonrpc":"2.0","id":1,"method":"files.begin","params":{"name":"a"}}"#
}
