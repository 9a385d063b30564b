import Dispatch
import JSON
import JobFront
import JobFrontTesting
import JobModel
import JobWire
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct DaemonLinkTests {
    @Test func requestsWaitForTheDaemon() async throws {
        try await withFront(startsDaemon: false) { (front) async throws in
            async let created = front.send("POST", "/api/jobs", body: #"{"jobId":"a"}"#)
            async let read = front.send("GET", "/api/jobs/b?wait=1")
            front.daemon.setSilently("b", version: 3)
            try await front.daemon.start()
            #expect(try await created.status == 201)
            #expect(try await read.status == 200)
        }
    }

    @Test func aDaemonThatStaysAwayIs503() async throws {
        try await withFront(startsDaemon: false, configure: { $0.daemonWait = .milliseconds(20) }) {
            (front) async throws in
            let response = try await front.send("GET", "/api/jobs/a")
            #expect(response.status == 503)
            #expect(response.headers["Retry-After"] == "1")
            #expect(response.text.contains(#""code":"unavailable""#))
        }
    }

    @Test func aDaemonThatWentAwayLateIsNotWaitedForAnew() async throws {
        // What the request waited for an answer counts: it has no time left when the connection is given up.
        let end = DispatchSemaphore(value: 0)
        let script: StubDaemon.Script = { call in
            guard call.method == .getJob else { return nil }
            end.wait()
            return .hangUp
        }
        try await withFront(script: script, configure: { $0.daemonWait = .seconds(2) }) {
            (front) async throws in
            defer { end.signal() }
            while try await front.send("GET", "/api/queues").status != 200 {}
            #expect(try await front.send("GET", "/api/jobs/a").status == 503)
            // On a busy machine it comes to the daemon only now.
            end.signal()
            await front.daemon.until { calls, _ in calls.contains { $0.method == .getJob } }
            #expect(front.daemon.calls.count { $0.method == .getJob } == 1)
        }
    }

    @Test(arguments: [
        ("GET", "/api/jobs/a", "", 200), ("POST", "/api/jobs", #"{"jobId":"b"}"#, 201),
        ("POST", "/api/jobs", #"{"jobId":"b","onConflict":"reject"}"#, 503), ("POST", "/api/jobs/a/retry", "", 503),
        ("PATCH", "/api/jobs/a", #"{"status":"completed"}"#, 503), ("PATCH", "/api/jobs/a", #"{"message":"x"}"#, 200),
        ("DELETE", "/api/jobs/a", "", 204), ("POST", "/api/jobs/a/cancel", "", 200),
    ])
    func onlyWhatIsSafeToRepeatIsSentAgain(method: String, path: String, body: String, status: Int) async throws {
        let hungUp = Mutex(false)
        let script: StubDaemon.Script = { call in
            // What the front asks and tells of its own accord comes whenever it likes.
            guard call.method != .getSession, call.method != .reportFront else { return nil }
            let isFirst = hungUp.withLock { was in
                defer { was = true }
                return !was
            }
            if isFirst { return .hangUp }
            switch call.method {
            case .updateJob: return .result(["version": 2])
            case .cancelJob: return .result(["job": ["version": 2], "ended": true])
            case .deleteJob: return .refusal(Refusal(.jobGone, "Gone."))
            default: return nil
            }
        }
        try await withFront(script: script) { (front) async throws in
            front.daemon.setSilently("a", version: 1)
            #expect(try await front.send(method, path, body: body).status == status)
            let calls = front.daemon.calls
            #expect(calls.count == (status == 503 ? 1 : 2))
            #expect(calls.allSatisfy { $0.params == calls[0].params })
        }
    }

    @Test func aDeleteOfAGoneJobIs410WhenItWasSentOnce() async throws {
        try await withFront(script: { $0.method == .deleteJob ? .refusal(Refusal(.jobGone, "Gone.")) : nil }) {
            (front) async throws in
            #expect(try await front.send("DELETE", "/api/jobs/a").status == 410)
        }
    }
}
