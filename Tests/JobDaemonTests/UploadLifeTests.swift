import JSON
import JobDaemonTesting
import JobModel
import JobTesting
import JobWire
import NIOCore
import Testing

@testable import JobDaemon

/// Resumable uploads, as the daemon keeps house for them.
@Suite(.timeLimit(.minutes(5)))
struct UploadLifeTests {
    private static let rules = Rules(
        widths: ["default": 1], pipelines: [JobMap.defaultJobType: .init()],
        retention: .init(
            ended: .seconds(1_000_000), pending: .seconds(1_000_000), unusedFiles: .seconds(1_000_000),
            unfinishedUploads: .seconds(100)),
        quotas: Quotas(owner: .init(storedBytes: 100)))

    private static func params(_ id: String, _ more: JSONObject = ["length": 10]) -> JSONObject {
        var params = more
        params["fileId"] = .string(id)
        return params
    }

    @Test func whatIsNotFinishedGoesWithItsBytes() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            for id in ["file_idle", "file_touched", "file_held"] {
                try await harness.call(.createUpload, Self.params(id))
            }
            let later = harness.clock.now + .seconds(1_000)
            harness.disk.lay(PartialState(bytes: 5, changed: harness.clock.now, isHeld: false), of: .named("file_idle"))
            harness.disk.lay(PartialState(bytes: 5, changed: later, isHeld: false), of: .named("file_touched"))
            harness.disk.lay(PartialState(bytes: 5, changed: harness.clock.now, isHeld: true), of: .named("file_held"))
            while try await harness.refusal(.getUpload, ["fileId": "file_idle"]) == nil {
                await harness.clock.advance(by: .seconds(10))
            }
            #expect(try await harness.refusal(.getUpload, ["fileId": "file_idle"])?.code == .uploadNotFound)
            for id in ["file_touched", "file_held"] {
                #expect(try await harness.refusal(.getUpload, ["fileId": .string(id)]) == nil)
            }
            #expect(harness.disk.removedPartial == [.named("file_idle")])
        }
    }

    @Test func bytesOfNoUploadGo() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            harness.disk.lay(PartialState(bytes: 5, changed: harness.clock.now, isHeld: false), of: .named("file_left"))
            harness.disk.lay(PartialState(bytes: 5, changed: harness.clock.now, isHeld: true), of: .named("file_new"))
            while harness.disk.removedPartial.isEmpty { await harness.clock.advance(by: .seconds(10)) }
            #expect(harness.disk.removedPartial == [.named("file_left")])
        }
    }

    /// More than are looked at at once.
    @Test func manyGoTogether() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            let known = (0..<600).map { FileID.named("file_known\($0)") }
            let unknown = (0..<600).map { FileID.named("file_unknown\($0)") }
            let state = PartialState(bytes: 5, changed: harness.clock.now, isHeld: false)
            for id in known { try await harness.call(.createUpload, Self.params("\(id)")) }
            for id in known + unknown { harness.disk.lay(state, of: id) }
            while harness.disk.removedPartial.count < 1200 { await harness.clock.advance(by: .seconds(60)) }
            #expect(Set(harness.disk.removedPartial) == Set(known + unknown))
            #expect(try await harness.refusal(.getUpload, ["fileId": "file_known599"])?.code == .uploadNotFound)
        }
    }

    /// Its file stays as any other.
    @Test func aFinishedOneIsForgotten() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            try await harness.call(.createUpload, Self.params("file_a", ["length": 3]))
            let file = JobFile.sample("a")
            try await harness.call(.setUploadLength, ["fileId": "file_a", "length": 3])
            let whole = JobFile(
                fileId: file.fileId, name: file.name, size: 3, mediaType: file.mediaType, sha256: file.sha256)
            try await harness.call(.adoptFile, whole.json.object ?? [:])
            #expect(try await harness.call(.getUpload, ["fileId": "file_a"])["finishedAt"] != nil)
            while try await harness.refusal(.getUpload, ["fileId": "file_a"]) == nil {
                await harness.clock.advance(by: .seconds(60))
            }
            #expect(try await harness.refusal(.getFile, ["fileId": "file_a"]) == nil)
            #expect(harness.disk.removedFiles.isEmpty)
        }
    }

    /// One whose record could not be made waits for its sender.
    @Test func theSweepLeavesWhatIsAnUpload() async throws {
        var rules = Self.rules
        rules.retention.unfinishedUploads = .seconds(1_000_000)
        try await withDaemon(rules: rules) { harness in
            try await harness.call(.createUpload, Self.params("file_known"))
            harness.disk.lay(files: [.named("file_known"), .named("file_unknown")])
            while harness.disk.setAside.isEmpty { await harness.clock.advance(by: .seconds(3600)) }
            #expect(harness.disk.setAside == [.named("file_unknown")])
        }
    }

    @Test func whatLiesThereCountsAsStored() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            let ann = Caller(role: .none, owner: "ann")
            try await harness.call(.createUpload, Self.params("file_a", ["length": 90]), through: .front, as: ann)
            let front = try await ControlClient.connect(
                to: harness.sockets[.front] ?? "", on: harness.daemon.loop
            ).outcome()
            func report(_ params: JSONObject) async throws -> Int? {
                do {
                    let text = JSONValue.object(params).bytes
                    _ = try await front.call(.reportUpload, params: text, caller: ann).outcome()
                    return nil
                } catch let refusal as Refusal {
                    return refusal.httpStatus
                }
            }
            #expect(try await report(["upload": "u", "announced": 90]) == nil)
            #expect(try await report(["upload": "u", "ended": true, "fileId": "file_a", "stored": 60]) == nil)
            #expect(try await report(["upload": "v", "announced": 41]) == 507)
            #expect(try await report(["upload": "v", "announced": 40]) == nil)
            #expect(try await report(["upload": "v", "bytes": 41]) == 507)
            #expect(try await report(["upload": "v", "ended": true]) == nil)
            try await harness.call(.deleteUpload, ["fileId": "file_a"], through: .front, as: ann)
            #expect(try await report(["upload": "w", "announced": 100]) == nil)
            front.close()
        }
    }

    @Test func sizesAreCountedOnce() {
        var bytes = PartialBytes()
        bytes.set(5, of: .named("a"), for: .owner("ann"))
        bytes.set(7, of: .named("a"), for: .owner("ann"))
        bytes.set(1, of: .named("b"), for: nil)
        #expect(bytes.bytes(of: .owner("ann")) == 7 && bytes.total == 8 && bytes.bytes(of: nil) == 0)
        bytes.remove(.named("a"))
        bytes.remove(.named("a"))
        #expect(bytes.bytes(of: .owner("ann")) == 0 && bytes.total == 1)
    }
}
