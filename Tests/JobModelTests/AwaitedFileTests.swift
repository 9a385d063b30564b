import JobModel
import JobTesting
import Testing

/// Jobs that name files which have not come whole.
@Suite(.timeLimit(.minutes(5)))
struct AwaitedFileTests {
    private let now = Timestamp(milliseconds: 1_000)
    private var map: JobMap
    private let upload = FileID.named("file_1")
    private let other = FileID.named("file_2")

    init() throws {
        map = JobMap(rules: Rules(widths: ["default": 1], pipelines: [JobMap.defaultJobType: .init()]))
        for id in [upload, other] {
            _ = try map.apply(.createUpload(UploadCreation(fileId: id, name: "a.txt", length: 10)), at: now)
        }
    }

    private func whole(_ id: FileID) -> JobFile {
        JobFile(
            fileId: id, name: "a.txt", size: 10, mediaType: "text/plain", sha256: String(repeating: "0", count: 64))
    }

    private func creation(_ files: [FileID], as job: String = "a") -> Creation {
        Creation(jobId: .named(job), fileIds: files)
    }

    private func job(_ id: String = "a") -> Job? { map.record(.named(id))?.job }

    @Test(arguments: [true, false])
    mutating func aJobStartsWithTheLastByte(isProcess: Bool) throws {
        let asked = creation(files)
        _ = try map.apply(isProcess ? .process(asked) : .create(asked), at: now)
        #expect(job()?.status == .pending && job()?.input.files.map(\.sha256) == [nil, nil])
        #expect(job()?.input.files.map(\.size) == [10, 10])
        _ = try map.apply(.adoptFile(whole(upload)), at: now)
        #expect(job()?.status == .pending && job()?.input.files.map(\.isWhole) == [true, false])
        _ = try map.apply(.adoptFile(whole(other)), at: now)
        #expect(job()?.status == .processing && job()?.input.files == [whole(upload), whole(other)])
        #expect(map.file(upload)?.uses == 1)
    }

    private var files: [FileID] { [upload, other] }

    @Test mutating func theSameIdsAreTheSameFiles() throws {
        #expect(try map.apply(.process(creation([upload])), at: now).isEmpty == false)
        #expect(try map.apply(.process(creation([upload])), at: now).isEmpty)
        #expect(throws: JobError.self) { try map.apply(.process(creation([other])), at: now) }
        _ = try map.apply(.adoptFile(whole(upload)), at: now)
        #expect(try map.apply(.process(creation([upload])), at: now).isEmpty)
    }

    @Test mutating func anUploadThatGoesLeavesTheJobPending() throws {
        _ = try map.apply(.process(creation(files)), at: now)
        _ = try map.apply(.adoptFile(whole(upload)), at: now)
        _ = try map.apply(.deleteUpload(other), at: now)
        #expect(job()?.status == .pending)
        #expect(throws: JobError.within(pointer: "/fileIds/\(files.count - 1)", .fileNotFound(other))) {
            try map.apply(.process(creation(files)), at: now)
        }
        // Others may be given then.
        _ = try map.apply(.process(creation([upload])), at: now)
        #expect(job()?.status == .processing && map.file(upload)?.uses == 1)
    }

    @Test mutating func filesThatAreGivenInVainGo() throws {
        let third = FileID.named("file_3")
        _ = try map.apply(.adoptFile(whole(third)), at: now)
        _ = try map.apply(.process(creation(files)), at: now)
        _ = try map.apply(.adoptFile(whole(upload)), at: now)
        _ = try map.apply(.forgetUpload(other), at: now)
        _ = try map.apply(.process(creation([third])), at: now)
        #expect(map.file(upload) == nil && map.file(third)?.uses == 1)
        #expect(job()?.input.files == [whole(third)])
    }

    @Test mutating func aJobThatWasEndedMeanwhileFindsItsFileWhenItIsRetried() throws {
        _ = try map.apply(.process(creation([upload])), at: now)
        _ = try map.apply(.cancel(.named("a"), reason: nil), at: now)
        _ = try map.apply(.adoptFile(whole(upload)), at: now)
        #expect(job()?.input.files.map(\.isWhole) == [false] && map.file(upload)?.uses == 0)
        _ = try map.apply(.retry(.named("a")), at: now)
        #expect(job()?.status == .processing && map.file(upload)?.uses == 1)
        _ = try map.apply(.process(creation([other], as: "b")), at: now)
        _ = try map.apply(.cancel(.named("b"), reason: nil), at: now)
        _ = try map.apply(.retry(.named("b")), at: now)
        #expect(job("b")?.status == .pending)
    }

    @Test mutating func aDeletedJobTakesNothingThatItNeverHad() throws {
        _ = try map.apply(.process(creation([upload])), at: now)
        _ = try map.apply(.cancel(.named("a"), reason: nil), at: now)
        _ = try map.apply(.adoptFile(whole(upload)), at: now)
        _ = try map.apply(.delete(.named("a")), at: now)
        #expect(map.file(upload)?.uses == 0)
    }

    @Test mutating func severalJobsWaitForOneFile() throws {
        for id in ["a", "b", "c"] { _ = try map.apply(.process(creation([upload], as: id)), at: now) }
        let events = try map.apply(.adoptFile(whole(upload)), at: now)
        #expect(map.file(upload)?.uses == 3)
        #expect(["a", "b", "c"].map { job($0)?.status } == [.processing, .queued, .queued])
        for event in events.reversed() { map.undo(event) }
        #expect(["a", "b", "c"].map { job($0)?.status } == [.pending, .pending, .pending])
    }

    @Test mutating func whatTheApplicationRunsIsNotStartedOnceMore() throws {
        _ = try map.apply(.process(creation([upload])), at: now)
        _ = try map.apply(.update(.named("a"), Update(status: .processing)), at: now)
        _ = try map.apply(.adoptFile(whole(upload)), at: now)
        #expect(
            job()?.lease.runner == .application && job()?.input.files == [whole(upload)] && map.file(upload)?.uses == 1)
    }

    @Test mutating func partsAndStrangersUploadsAreNoInput() throws {
        let part = FileID.named("file_part")
        _ = try map.apply(.createUpload(UploadCreation(fileId: part, kind: .part, length: 1)), at: now)
        #expect(throws: JobError.within(pointer: "/fileIds/0", .fileNotFound(part))) {
            try map.apply(.create(creation([part])), at: now)
        }
        let ann = Access(rights: [.create], reach: .own("ann"), owner: "ann")
        let bob = Access(rights: [.create], reach: .own("bob"), owner: "bob")
        let own = FileID.named("file_ann")
        _ = try map.apply(.createUpload(UploadCreation(fileId: own, length: 1)), by: ann, at: now)
        #expect(throws: JobError.within(pointer: "/fileIds/0", .fileNotFound(own))) {
            try map.apply(.create(creation([own])), by: bob, at: now)
        }
    }
}
