import JobFront
import JobModel
import JobWire
import Testing

@Suite(.timeLimit(.minutes(5)))
struct StreamTests {
    @Test func aStreamShowsThePresentStateAndEveryLaterOneToTheLast() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            let stream = try await front.open("/api/jobs/a/stream")
            let head = try await stream.head()
            for line in [
                "Status: 200 OK", "Content-Type: text/event-stream", "X-Accel-Buffering: no", "Cache-Control: no-store",
            ] {
                #expect(head.contains(line))
            }
            let retry = try #require(try await stream.next()?.fields["retry"].flatMap { Int($0) })
            #expect((750...1250).contains(retry))
            #expect(try await stream.next()?.id == "3")
            front.daemon.set("a", version: 4)
            let event = try #require(try await stream.next())
            #expect(event.id == "4")
            #expect(try JSONValue.parse(event.data ?? "")["version"] == 4)
            front.daemon.set("a", version: 9, status: "completed")
            #expect(try await stream.next()?.id == "9")
            #expect(try await stream.next() == nil)
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
            let bytes = FastCGIPeer.request("GET", path, headers: headers)
            let response = try await front.send(bytes)
            #expect(response.status == status)
            #expect(response.text.contains("id: 9\ndata: {") == (status == 200))
            #expect(response.isComplete)
        }
    }

    @Test func aJobThatIsNotThereYetIsWaitedFor() async throws {
        try await withFront(configure: { $0.creationGrace = .seconds(20) }) { (front) async throws in
            try await front.connected()
            let stream = try await front.open("/api/jobs/late/stream")
            await front.daemon.until { calls, _ in calls.contains { $0.params["waitSeconds"] == 20 } }
            front.daemon.set("late", version: 1)
            #expect(try await stream.head().contains("200 OK"))
            _ = try await stream.next()
            #expect(try await stream.next()?.id == "1")
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
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            let stream = try await front.open("/api/jobs/a/stream")
            _ = try await stream.head()
            _ = try await stream.next()
            #expect(try await stream.next()?.id == "3")
            await front.daemon.stop()
            while try await front.send("GET", "/api/health/ready").status == 200 {}
            let other = try await front.send("GET", "/api/jobs/a/stream")
            #expect(other.status == 200)
            #expect(other.text.hasPrefix("retry: "))
            #expect(!other.text.contains("data:"))
            front.daemon.setSilently("a", version: 8)
            try await front.daemon.start()
            #expect(try await stream.next()?.id == "8")
            front.daemon.set("a", version: 9)
            #expect(try await stream.next()?.id == "9")
        }
    }

    @Test func manyStreamsOfAJobShareOneWatchThatEndsWithTheLast() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            var streams: [StreamReader] = []
            for _ in 0..<20 {
                let stream = try await front.open("/api/jobs/a/stream")
                _ = try await stream.head()
                streams.append(stream)
            }
            #expect(front.daemon.watchCount == 1)
            front.daemon.set("a", version: 4)
            for stream in streams {
                var seen: String?
                while seen != "4" { seen = try await stream.next()?.id }
            }
            streams = []
            await front.daemon.until { _, watchCount in watchCount == 0 }
        }
    }

    @Test func aSlowReaderSkipsStatesButNotTheLast() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 1)
            let stream = try await front.open("/api/jobs/a/stream")
            _ = try await stream.head()
            let filler = String(repeating: "x", count: 60_000)
            for version in 2...400 { front.daemon.set("a", version: version, more: ["filler": .string(filler)]) }
            front.daemon.set("a", version: 401, status: "completed")
            var ids: [Int] = []
            while let event = try await stream.next() {
                if let id = event.id.flatMap({ Int($0) }) { ids.append(id) }
            }
            #expect(ids == ids.sorted())
            #expect(Set(ids).count == ids.count)
            #expect(ids.last == 401)
            #expect(ids.count < 400)
        }
    }

    @Test func stoppingTheFrontSendsReadersElsewhere() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 3)
            let stream = try await front.open("/api/jobs/a/stream")
            _ = try await stream.head()
            _ = try await stream.next()
            _ = try await stream.next()
            front.front.stop()
            #expect(try await stream.next()?.fields["retry"] != nil)
            #expect(try await stream.next() == nil)
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
