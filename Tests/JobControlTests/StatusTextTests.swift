import JSON
import Testing

@testable import JobControl

@Suite(.timeLimit(.minutes(5)))
struct StatusTextTests {
    @Test func theStatusIsForPeople() {
        let status: JSONValue = [
            "version": "1.2.3", "pid": 77, "uptimeSeconds": 93_784, "draining": false,
            "jobs": ["queued": 3, "processing": 1, "failed": 0],
            "queues": [["name": "office", "width": 2, "running": 1, "queued": 3, "paused": true]], "connections": 4,
            "storage": ["freeBytes": 12_000_000_000, "writable": false],
            "sandbox": ["steps": "on", "working": false, "reason": "no user\u{1B} namespaces"],
        ]
        #expect(
            StatusText.lines(of: status) == [
                "version: 1.2.3", "pid: 77", "uptime: 1 d 2 h", "draining: no", "jobs: 3 queued, 1 processing",
                "queue office: 1 of 2 slots in use, 3 queued, paused", "connections: 4",
                "storage: 12 GB free, CANNOT STORE CHANGES", "sandbox: on, no user\\u{1b} namespaces",
            ])
    }

    @Test(arguments: ["held", "watched"])
    func inOneWordTheStatusSaysHowMemoryIsLimited(word: String) {
        let status: JSONValue = ["sandbox": ["steps": "on", "working": true, "memory": .string(word)]]
        #expect(StatusText.lines(of: status) == ["sandbox: on, memory \(word)"])
    }

    @Test func soAreTheFigures() {
        let stats: JSONValue = [
            "counts": ["queued": 0], "storage": ["files": 2, "bytes": 24_291, "freeBytes": 90_000_000], "streams": 1,
        ]
        #expect(
            StatusText.lines(ofStatistics: stats) == [
                "jobs: none", "storage: 2 files, 24 kB, 90 MB free", "streams: 1",
            ])
    }
}
