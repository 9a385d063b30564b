import JobDaemonTesting
import JobModel
import JobTesting
import JobWire
import Logging
import NIOCore
import Synchronization
import Testing

@testable import JobDaemon

/// What the log says of who asked.
struct AuditTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[[String: String]]>([])
        var all: [[String: String]] { lines.withLock { $0 } }

        func add(_ metadata: Logger.Metadata) {
            let texts = metadata.mapValues { "\($0)" }
            lines.withLock { $0.append(texts) }
        }
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        init(lines: Lines) { self.lines = lines }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.add(event.metadata ?? [:]) }
    }

    private final class Other {}

    private let lines = Lines()
    private let connection = Other()
    private var log: AuditLog

    init() {
        let lines = lines
        log = AuditLog(logger: Logger(label: "audit") { _ in Handler(lines: lines) }, second: { 7 })
    }

    private func entry(_ call: Call, _ caller: Caller?, door: Door = .front, isOperator: Bool = false) -> AuditLog.Entry
    {
        AuditLog.Entry(
            call: call, caller: caller, door: door, peer: .init(uid: 33, pid: 7), owner: caller?.owner,
            isOperator: isOperator)
    }

    /// Whether what the connection does is to be told in a second.
    private mutating func note(_ entry: AuditLog.Entry, _ result: String, all: Bool = false) -> Bool {
        log.note(entry, result, of: ObjectIdentifier(connection), all: all)
    }

    @Test mutating func aChangeByAnOperatorHasALine() {
        let cancel = Call.command(.cancel(.named("a"), reason: nil))
        let caller = Caller(role: .operator, owner: "boss", address: "::1")
        #expect(note(entry(cancel, caller, isOperator: true), "ok") == false)
        #expect(note(entry(cancel, Caller(owner: "ann")), "ok") == false)
        #expect(note(entry(.listQueues, caller, isOperator: true), "ok") == false)
        #expect(note(entry(cancel, nil, door: .deliver, isOperator: true), "ok") == false)
        #expect(
            lines.all == [
                [
                    "method": "jobs.cancel", "role": "operator", "owner": "boss", "address": "::1", "job": "a",
                    "uid": "33",
                    "pid": "7", "result": "ok",
                ]
            ])
        #expect(note(entry(.listQueues, Caller(owner: "ann")), "ok", all: true) == false)
        #expect(lines.all.count == 2)
    }

    @Test mutating func createsOfAConnectionAreCounted() {
        let create = entry(.command(.create(Creation(jobId: .named("a")))), nil, door: .operate, isOperator: true)
        let id = ObjectIdentifier(connection)
        #expect(note(create, "ok") == true)
        for _ in 0..<99 { #expect(note(create, "ok") == false) }
        #expect(lines.all.isEmpty)
        log.tellCounted(of: id)
        log.tellCounted(of: id)
        #expect(lines.all.map { $0["count"] } == ["100"])
        #expect(note(create, "ok") == true)
    }

    /// A worker speaks thousands of times in a second; a front has many callers on one connection.
    @Test mutating func wordsOfWorkersAreCountedForEachCaller() {
        let proof = LeaseProof(jobId: .named("a"), token: nil)
        let word = Call.command(.say(.complete(result: nil), proof))
        let worker = Caller(role: .operator, owner: "w1")
        #expect(note(entry(word, worker, isOperator: true), "ok") == true)
        for _ in 0..<1999 { #expect(note(entry(word, worker, isOperator: true), "ok") == false) }
        #expect(note(entry(word, Caller(role: .operator, owner: "w2"), isOperator: true), "ok") == false)
        #expect(note(entry(word, worker, isOperator: true), "lease-lost") == false)
        #expect(lines.all.map { $0["result"] } == ["lease-lost"])
        log.tellCounted(of: ObjectIdentifier(connection))
        let told = lines.all.dropFirst().sorted { ($0["owner"] ?? "") < ($1["owner"] ?? "") }
        #expect(told.map { $0["owner"] } == ["w1", "w2"] && told.map { $0["count"] } == ["2000", "1"])
        #expect(told.map { $0["job"] } == [nil, "a"] && told.allSatisfy { $0["method"] == "work.complete" })
    }

    @Test mutating func refusalsFillNoLog() {
        for _ in 0..<1000 {
            #expect(note(entry(.getStats, Caller(address: "::1")), "forbidden") == false)
        }
        #expect(lines.all.count == 10)
        #expect(lines.all.first?["result"] == "forbidden" && lines.all.first?["address"] == "::1")
    }

    @Test mutating func whatAFrontHasRefusedHasALine() {
        let report = RefusalReport(request: "GET /api/queues", code: .forbidden, jobId: .named("a"))
        log.note(report, entry(.reportRefusal(report), Caller(owner: "ann", address: "::1")))
        #expect(
            lines.all == [
                [
                    "method": "GET /api/queues", "result": "forbidden", "owner": "ann", "address": "::1", "job": "a",
                    "uid": "33", "pid": "7",
                ]
            ])
    }
}
