import JSON
import JobModel
import JobTesting
import Testing

/// Resumable uploads, as the map knows them.
@Suite(.timeLimit(.minutes(5)))
struct UploadRecordTests {
    private let now = Timestamp(milliseconds: 1_000)
    private let ann = Access(rights: [.create, .read, .write], reach: .own("ann"), owner: "ann")
    private let bob = Access(rights: [.create, .read, .write], reach: .own("bob"), owner: "bob")

    private func file(_ id: FileID, size: Int64 = 10) -> JobFile {
        JobFile(
            fileId: id, name: "a", size: size, mediaType: "text/plain", sha256: String(repeating: "0", count: 64))
    }

    private func made(
        _ kind: UploadRecord.Kind = .file, length: Int64? = 10, in map: inout JobMap, by access: Access? = nil
    ) throws -> FileID {
        let id = FileID.named("file_\(kind.word)_\(length ?? 0)_\(map.uploadIds.count)")
        let creation = UploadCreation(fileId: id, kind: kind, length: length)
        _ = try map.apply(.createUpload(creation), by: access ?? ann, at: now)
        return id
    }

    @Test func itIsItsOwnersAlone() throws {
        var map = JobMap(rules: Rules())
        let id = try made(in: &map)
        #expect(map.upload(id)?.owner == "ann")
        for command in [Command.readUpload(id), .setUploadLength(id, 10), .deleteUpload(id), .adoptFile(file(id))] {
            #expect(throws: JobError.uploadNotFound(id)) { try map.apply(command, by: bob, at: now) }
        }
        #expect(throws: Never.self) { try map.apply(.readUpload(id), by: ann, at: now) }
    }

    @Test func sayingItAgainChangesNothing() throws {
        var map = JobMap(rules: Rules())
        let id = try made(in: &map)
        #expect(try map.apply(.createUpload(UploadCreation(fileId: id, length: 10)), by: ann, at: now).isEmpty)
        #expect(throws: JobError.uploadNotFound(id)) {
            try map.apply(.createUpload(UploadCreation(fileId: id, length: 10)), by: bob, at: now)
        }
    }

    @Test func itsLengthIsSaidOnce() throws {
        var map = JobMap(rules: Rules())
        let id = try made(length: nil, in: &map)
        #expect(throws: JobError.self) { try map.apply(.adoptFile(file(id)), by: ann, at: now) }
        _ = try map.apply(.setUploadLength(id, 10), by: ann, at: now)
        #expect(try map.apply(.setUploadLength(id, 10), by: ann, at: now).isEmpty)
        #expect(throws: JobError.self) { try map.apply(.setUploadLength(id, 11), by: ann, at: now) }
        #expect(map.upload(id)?.length == 10)
    }

    @Test func itsFileIsItsOwners() throws {
        var map = JobMap(rules: Rules())
        let id = try made(in: &map)
        #expect(throws: JobError.self) { try map.apply(.adoptFile(file(id, size: 9)), by: ann, at: now) }
        _ = try map.apply(.adoptFile(file(id)), by: .everything, at: now)
        #expect(map.file(id)?.owner == "ann" && map.upload(id)?.finishedAt == now)
        // What is known of it goes, and the file stays.
        _ = try map.apply(.forgetUpload(id), at: now)
        #expect(map.upload(id) == nil && map.file(id) != nil)
    }

    @Test func aFileThatGoesTakesItsUploadAlong() throws {
        var map = JobMap(rules: Rules())
        let id = try made(in: &map)
        _ = try map.apply(.adoptFile(file(id)), by: ann, at: now)
        _ = try map.apply(.deleteFile(id), by: ann, at: now)
        #expect(map.upload(id) == nil)
        let other = try made(in: &map)
        _ = try map.apply(.adoptFile(file(other)), by: ann, at: now)
        _ = try map.apply(.deleteUpload(other), by: ann, at: now)
        #expect(map.upload(other) == nil && map.file(other) == nil)
    }

    @Test func partsAreJoinedAndGo() throws {
        var map = JobMap(rules: Rules())
        let parts = [try made(.part, length: 4, in: &map), try made(.part, length: 6, in: &map)]
        #expect(throws: JobError.self) { try map.apply(.adoptFile(file(parts[0], size: 4)), by: ann, at: now) }
        let id = try made(.joined(parts), length: nil, in: &map)
        #expect(map.upload(id)?.length == 10)
        _ = try map.apply(.adoptFile(file(id)), by: ann, at: now)
        #expect(map.uploadIds == [id])
        let whole = try made(in: &map)
        for wrong in [[whole], [FileID.named("file_none")], [try made(.part, length: nil, in: &map)]] {
            let creation = UploadCreation(fileId: FileID.named("file_x"), kind: .joined(wrong))
            #expect(throws: JobError.self) { try map.apply(.createUpload(creation), by: ann, at: now) }
        }
    }

    @Test func soManyMayBeUnfinished() throws {
        var rules = Rules()
        rules.quotas.owner.unfinishedUploads = 2
        rules.quotas.total.unfinishedUploads = 3
        var map = JobMap(rules: rules)
        func access(_ name: String) -> Access {
            var access = Access(rights: [.create], reach: .own(name), owner: name)
            access.account = .owner(name)
            return access
        }
        let first = try made(in: &map, by: access("ann"))
        _ = try made(in: &map, by: access("ann"))
        let third = UploadCreation(fileId: FileID.named("file_third"), length: 1)
        #expect(throws: JobError.quotaExceeded(.unfinishedUploads, .owner, limit: 2)) {
            try map.apply(.createUpload(third), by: access("ann"), at: now)
        }
        _ = try map.apply(.adoptFile(file(first)), by: access("ann"), at: now)
        _ = try map.apply(.createUpload(third), by: access("ann"), at: now)
        _ = try made(in: &map, by: access("bob"))
        #expect(throws: JobError.quotaExceeded(.unfinishedUploads, .total, limit: 3)) {
            try map.apply(
                .createUpload(UploadCreation(fileId: FileID.named("file_5"), length: 1)), by: access("carl"), at: now)
        }
    }

    @Test func undoingLeavesNothing() throws {
        var map = JobMap(rules: Rules())
        let id = try made(in: &map)
        let events = try map.apply(.adoptFile(file(id)), by: ann, at: now)
        for event in events.reversed() { map.undo(event) }
        #expect(map.upload(id)?.finishedAt == nil && map.file(id) == nil)
    }

    @Test func itIsReadAsItWasWritten() throws {
        let parts = [FileID.named("file_1"), FileID.named("file_2")]
        var record = UploadRecord(
            UploadCreation(
                fileId: .named("file_3"), kind: .joined(parts), name: "a", mediaType: "b/c", metadata: "d ZQ==",
                length: 7),
            owner: "ann", account: .owner("ann"), createdAt: now, length: 7)
        record.finishedAt = now + .seconds(1)
        record.revision = 3
        #expect(UploadRecord(record.fileId, revision: 3, json: record.json) == record)
        for kind in [UploadRecord.Kind.file, .part] {
            let other = UploadRecord(
                UploadCreation(fileId: .named("file_3"), kind: kind), owner: nil, account: nil, createdAt: now,
                length: nil)
            #expect(UploadRecord(other.fileId, json: other.json) == other)
        }
        #expect(UploadRecord(.named("file_3"), json: ["kind": "joined", "name": "a"]) == nil)
    }
}
