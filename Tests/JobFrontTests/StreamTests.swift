import JSON
import JobFront
import JobFrontTesting
import JobModel
import JobWire
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct StreamTests {
    @Test func aStreamShowsThePresentStateAndEveryLaterOneToTheLast() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            let stream = await front.open("/api/jobs/a/stream")
            let head = await stream.head()
            for line in [
                "Status: 200 OK", "Content-Type: text/event-stream", "X-Accel-Buffering: no",
                "Cache-Control: no-store, no-transform",
            ] {
                #expect(head.contains(line))
            }
            let first = try #require(await stream.next())
            #expect(first.id == "3")
            #expect(first.fields["retry"].flatMap { Int($0) }.map { (750...1250).contains($0) } == true)
            front.daemon.set("a", version: 4)
            let event = try #require(await stream.next())
            #expect(event.id == "4")
            #expect(try JSONValue.parse(event.data ?? "")["version"] == 4)
            front.daemon.set("a", version: 9, status: "completed")
            #expect(await stream.next()?.id == "9")
            #expect(await stream.next() == nil)
        }
    }

    @Test func aWatchThatTheDaemonRefusesIsAskedForAgain() async throws {
        let isRefused = Mutex(false)
        let script: StubDaemon.Script = { call in
            guard call.method == .watchJobs else { return nil }
            let isFirst = isRefused.withLock { was in
                defer { was = true }
                return !was
            }
            return isFirst ? .refusal(Refusal(.unavailable, "The store could not be read.")) : nil
        }
        try await withFront(script: script) { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            let stream = await front.open("/api/jobs/a/stream")
            await front.daemon.until { _, watchCount in watchCount == 1 }
            front.daemon.set("a", version: 4, status: "completed")
            var ids: [String] = []
            while let event = await stream.next() { ids += [event.id].compactMap { $0 } }
            #expect(ids.last == "4")
        }
    }

    @Test(arguments: ["/api/jobs/a/stream", "/api/jobs/stream?ids=a"])
    func aStreamEndsWithTheTokenThatOpenedIt(path: String) async throws {
        // {"exp": 1795435300 (in 2026) and 9999999999 (in 2286), "scope": ["read"]}
        let ended = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3OTU0MzUzMDAsInNjb3BlIjpbInJlYWQiXX0.x"
        let good = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTksInNjb3BlIjpbInJlYWQiXX0.x"
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            let (first, second) = (
                await front.open(path, headers: ["HTTP_AUTHORIZATION": "Bearer \(ended)"]),
                await front.open(path, headers: ["HTTP_AUTHORIZATION": "Bearer \(good)"])
            )
            #expect(await first.next() != nil)
            #expect(await second.next() != nil)
            #expect(await first.next() == nil)
            await front.daemon.until { _, watchCount in watchCount == 1 }
            front.daemon.set("a", version: 4)
            #expect(try JSONValue.parse(try #require(await second.next()).data ?? "")["version"] == 4)
        }
    }

    @Test func aStreamThatMissedSomethingEndsSoThatItsReaderBeginsAnew() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            let stream = await front.open("/api/jobs/stream")
            await front.daemon.until { _, watchCount in watchCount == 1 }
            front.daemon.lag()
            while await stream.next() != nil {}
            await front.daemon.until { _, watchCount in watchCount == 0 }
        }
    }

    @Test(
        arguments: [
            (["HTTP_LAST_EVENT_ID": "9"], "", 204), (["HTTP_LAST_EVENT_ID": "10"], "", 204),
            ([:], "?lastEventId=9", 204), (["HTTP_LAST_EVENT_ID": "x"], "?lastEventId=9", 204),
            (["HTTP_LAST_EVENT_ID": "8"], "", 200), (["HTTP_LAST_EVENT_ID": "x"], "", 200), ([:], "", 200),
        ] as [([String: String], String, Int)])
    func aFinishedJobIsShownOnce(headers: [String: String], query: String, status: Int) async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 9, status: "failed")
            let path = "/api/jobs/a/stream" + query
            let response = try await front.send("GET", path, headers: headers)
            #expect(response.status == status)
            #expect(response.text.contains("id: 9\ndata: {") == (status == 200))
        }
    }

    @Test func aJobThatIsNotThereYetIsWaitedFor() async throws {
        try await withFront(configure: { $0.creationGrace = .seconds(20) }) { (front) async throws in
            try await front.connected()
            let stream = await front.open("/api/jobs/late/stream")
            await front.daemon.until { calls, _ in calls.contains { $0.params["waitSeconds"] == 20 } }
            front.daemon.set("late", version: 1)
            #expect(await stream.head().contains("200 OK"))
            #expect(await stream.next()?.id == "1")
        }
    }

    @Test func aJobThatNeverComesIs404AndADeletedOne410() async throws {
        let gone = Refusal(.jobGone, "Gone.", details: ["jobStatus": "completed"])
        let script: StubDaemon.Script = { call in
            call.method == .getJob && call.params["jobId"] == "gone" ? .refusal(gone) : nil
        }
        try await withFront(script: script, configure: { $0.creationGrace = .milliseconds(1) }) {
            (front) async throws in
            try await front.connected()
            #expect(try await front.send("GET", "/api/jobs/never/stream").status == 404)
            let response = try await front.send("GET", "/api/jobs/gone/stream")
            #expect(response.status == 410)
            #expect(response.text.contains(#""jobStatus":"completed""#))
            #expect(try await front.send("GET", "/api/jobs/-/stream").status == 400)
        }
    }

    @Test func aStreamOutlivesTheDaemonAndNewOnesAreToldToComeBack() async throws {
        try await withFront(configure: { $0.noticedAbsence = .seconds(3600) }) { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            let stream = await front.open("/api/jobs/a/stream")
            _ = await stream.head()
            #expect(await stream.next()?.id == "3")
            await front.daemon.stop()
            while try await front.send("GET", "/api/health/ready").status == 200 {}
            let other = try await front.send("GET", "/api/jobs/a/stream")
            #expect(other.status == 200)
            #expect(other.text.hasPrefix("retry: "))
            #expect(!other.text.contains("data:"))
            front.daemon.setSilently("a", version: 8)
            try await front.daemon.start()
            #expect(await stream.next()?.id == "8")
            front.daemon.set("a", version: 9)
            #expect(await stream.next()?.id == "9")
        }
    }

    @Test(arguments: ["/api/jobs/a/stream", "/api/jobs/stream?ids=a", "/api/jobs/stream"])
    func aStreamSaysThatTheDaemonDoesNotAnswerAndThatItDoesAgain(path: String) async throws {
        try await withFront(configure: { $0.noticedAbsence = .milliseconds(1) }) { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            let stream = await front.open(path)
            await front.daemon.until { _, watchCount in watchCount == 1 }
            await front.daemon.stop()
            #expect(await stream.next(beforeComment: "away")?.contains(": back") == false)
            try await front.daemon.start()
            #expect(await stream.next(beforeComment: "back") != nil)
        }
    }

    @Test func aBatchsStreamSaysSoTooAndCountsAsOne() async throws {
        let script: StubDaemon.Script = { call in
            call.method == .getBatch ? .result(["batchId": "b", "status": "open"]) : nil
        }
        try await withFront(script: script, configure: { $0.noticedAbsence = .milliseconds(1) }) {
            (front) async throws in
            try await front.connected()
            let stream = await front.open("/api/batches/b/stream")
            #expect(await stream.next()?.id == "1")
            await front.daemon.until { calls, _ in
                calls.contains { $0.method == .reportFront && $0.params["streams"] == 1 }
            }
            await front.daemon.stop()
            #expect(await stream.next(beforeComment: "away")?.contains(": back") == false)
            try await front.daemon.start()
            #expect(await stream.next(beforeComment: "back") != nil)
        }
    }

    @Test func whoHasSeenTheEndOfABatchIsToldThatThereIsNoMore() async throws {
        let ended: StubDaemon.Script = { call in
            let batch: JSONValue = ["batchId": "b", "status": "failed", "finishedAt": "1970-01-01T00:00:05.000Z"]
            return call.method == .getBatch ? .result(batch) : nil
        }
        try await withFront(script: ended) { (front) async throws in
            try await front.connected()
            let (path, header) = ("/api/batches/b/stream", "HTTP_LAST_EVENT_ID")
            let stream = await front.open(path)
            #expect(await stream.next()?.id == "5000")
            #expect(await stream.next() == nil)
            #expect(try await front.send("GET", path, headers: [header: "5000"]).status == 204)
            #expect(try await front.send("GET", path, headers: [header: "2"]).status == 200)
        }
    }

    @Test func manyStreamsOfAJobShareOneWatchThatEndsWithTheLast() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            var streams: [StreamReader] = []
            for _ in 0..<20 {
                let stream = await front.open("/api/jobs/a/stream")
                _ = await stream.head()
                streams.append(stream)
            }
            #expect(front.daemon.watchCount == 1)
            front.daemon.set("a", version: 4)
            for stream in streams {
                var seen: String?
                while seen != "4" { seen = await stream.next()?.id }
            }
            streams = []
            await front.daemon.until { _, watchCount in watchCount == 0 }
        }
    }

    @Test func stoppingTheFrontSendsReadersElsewhere() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            let stream = await front.open("/api/jobs/a/stream")
            _ = await stream.head()
            _ = await stream.next()
            front.stop()
            #expect(await stream.next() == nil)
        }
    }

    @Test func aStreamWithoutAnEventSaysWhenToComeBackAtItsEnd() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            let stream = await front.open("/api/jobs/stream?ids=later")
            _ = await stream.head()
            front.stop()
            #expect(await stream.next()?.fields["retry"] != nil)
            #expect(await stream.next() == nil)
        }
    }

    @Test func severalJobsAreShownToTheirEnds() async throws {
        let gone = Refusal(.jobGone, "Gone.")
        let script: StubDaemon.Script = { call in
            call.method == .getJob && call.params["jobId"] == "gone" ? .refusal(gone) : nil
        }
        try await withFront(script: script) { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            let stream = await front.open("/api/jobs/stream?ids=a,gone")
            _ = await stream.head()
            var events = [try #require(await stream.next()), try #require(await stream.next())]
            #expect(events.allSatisfy { $0.id == nil })
            #expect(events[0].fields["retry"] != nil)
            events.sort { ($0.fields["event"] ?? "") < ($1.fields["event"] ?? "") }
            #expect(try JSONValue.parse(events[0].data ?? "")["version"] == 3)
            #expect(events[1].fields["event"] == "gone")
            #expect(events[1].data == #"{"jobId":"gone"}"#)
            front.daemon.set("a", version: 4, status: "failed")
            #expect(try JSONValue.parse(await stream.next()?.data ?? "")["version"] == 4)
            #expect(await stream.next()?.fields["event"] == "end")
        }
    }

    @Test func whoComesAfterAJobWasDeletedIsNotShownWhatItWas() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            let first = await front.open("/api/jobs/stream?ids=a,b")
            _ = await first.head()
            #expect(try JSONValue.parse(await first.next()?.data ?? "")["version"] == 3)
            front.daemon.delete("a")
            #expect(await first.next()?.fields["event"] == "gone")
            let second = await front.open("/api/jobs/stream?ids=a")
            _ = await second.head()
            front.daemon.set("a", version: 1)
            #expect(try JSONValue.parse(await second.next()?.data ?? "")["version"] == 1)
        }
    }

    @Test(arguments: [(100, 200), (101, 400)])
    func aStreamShowsAHundredJobs(count: Int, status: Int) async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            let ids = (0..<count).map { "j\($0)" }.joined(separator: ",")
            let response = try await front.send("HEAD", "/api/jobs/stream?ids=\(ids)")
            #expect(response.status == status)
        }
    }

    @Test func headOfAStreamOpensNone() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            let response = try await front.send("HEAD", "/api/jobs/a/stream")
            #expect(response.status == 200)
            #expect(response.body.isEmpty)
            await front.daemon.until { _, watchCount in watchCount == 0 }
        }
    }
}
