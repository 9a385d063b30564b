import JobModel
import JobStorage
import JobTesting
import Testing

/// Files and queues.
extension JobStoreConformance {
    @Test(arguments: StoreMaker.allCases)
    func filesAreKeptWithTheirUses(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let file = FileRecord(file: .sample("a"), createdAt: now, uses: 0, revision: 1)
        let id = file.file.fileId
        try await store.commit([.file(FileEvent(fileId: id, before: nil, after: file))])
        #expect(try await store.files([id, .named("other")]) == [file])
        var used = file
        used.uses = 1
        used.revision = 2
        try await store.commit([.file(FileEvent(fileId: id, before: file, after: used))])
        #expect(try await store.files([id]) == [used])
        await #expect(throws: StoreError.conflict(.init(files: [used]))) {
            try await store.commit([.file(FileEvent(fileId: id, before: file, after: nil))])
        }
        try await store.commit([.file(FileEvent(fileId: id, before: used, after: nil))])
        #expect(try await store.files([id]) == [])
    }

    @Test(arguments: StoreMaker.allCases)
    func pausedQueuesAreLoaded(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        try await store.commit([
            .queue(name: "b", wasPaused: false, isPaused: true), .queue(name: "a", wasPaused: false, isPaused: true),
        ])
        try await store.commit([.queue(name: "b", wasPaused: true, isPaused: false)])
        #expect(try await store.load().pausedQueues == ["a"])
    }
}
