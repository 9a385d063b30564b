import JSON
import JobFront
import JobFrontTesting
import JobModel
import JobWire
import Testing

@Suite(.timeLimit(.minutes(5)))
struct JobRouteTests {
    @Test func aJobIsCreatedAndReadBack() async throws {
        try await withFront { (front) async throws in
            let created = try await front.send("POST", "/api/jobs", body: #"{"jobId":"a","metadata":{"n":1.50}}"#)
            #expect(created.status == 201)
            #expect(created.headers["Location"] == "/api/jobs/a")
            #expect(created.text.contains(#"{"n":1.50}"#))
            let again = try await front.send("POST", "/api/jobs", body: #"{"jobId":"a"}"#)
            #expect(again.status == 200)
            let read = try await front.send("GET", "/api/jobs/a")
            #expect(read.status == 200)
            #expect(read.headers["ETag"] == "\"1\"")
            #expect(read.text == created.text)
        }
    }

    @Test func aJobWithoutAnIdGetsOneBeforeItIsSent() async throws {
        try await withFront { (front) async throws in
            let created = try await front.send("POST", "/api/jobs")
            #expect(created.status == 201)
            let id = try #require(front.daemon.calls.last?.params["jobId"]?.string)
            #expect(id.hasPrefix("job_"))
            #expect(created.headers["Location"] == "/api/jobs/\(id)")
        }
    }

    @Test(
        arguments: [
            ("/api/jobs/a/retry", "jobId"), ("/api/batches/a/cancel", "batchId"), ("/api/queues/a/pause", "name"),
            ("/api/queues/a/resume", "name"), ("/api/jobd/schedules/a/run", "name"),
            ("/api/jobd/webhooks/deliveries/a/redeliver", "id"),
        ])
    func theBodyDoesNotNameWhatThePathNames(path: String, field: String) async throws {
        try await withFront { (front) async throws in
            let response = try await front.send("POST", path, body: "{\"\(field)\":\"a\"}")
            #expect(response.status == 400 && response.text.contains("\"pointer\":\"/\(field)\""))
        }
    }

    @Test func anUnchangedJobIsNotSentAgain() async throws {
        try await withFront { (front) async throws in
            front.daemon.set("a", version: 7)
            for tag in ["\"7\"", "W/\"7\"", "\"1\", \"7\"", "*"] {
                let response = try await front.send("GET", "/api/jobs/a", headers: ["HTTP_IF_NONE_MATCH": tag])
                #expect(response.status == 304)
                #expect(response.body.isEmpty)
            }
            #expect(try await front.send("GET", "/api/jobs/a", headers: ["HTTP_IF_NONE_MATCH": "\"6\""]).status == 200)
        }
    }

    @Test func headHasTheHeadersOfGetAndNoBody() async throws {
        try await withFront { (front) async throws in
            front.daemon.set("a", version: 7)
            let get = try await front.send("GET", "/api/jobs/a")
            let head = try await front.send("HEAD", "/api/jobs/a")
            #expect(head.headers == get.headers)
            #expect(head.body.isEmpty)
        }
    }

    @Test func requestsThatWaitForOneJobShareOneWatch() async throws {
        try await withFront { (front) async throws in
            front.daemon.set("a", version: 7)
            async let first = front.send("GET", "/api/jobs/a?wait=50&since=7")
            async let second = front.send("GET", "/api/jobs/a?wait=50&since=7")
            await front.daemon.until { calls, _ in calls.count { $0.method == .getJob } == 2 }
            front.daemon.set("a", version: 8)
            let tags = [try await first.headers["ETag"], try await second.headers["ETag"]]
            #expect(tags == ["\"8\"", "\"8\""])
            await front.daemon.until { calls, _ in calls.contains { $0.method == .unwatchJobs } }
            #expect(front.daemon.calls.count { $0.method == .watchJobs } == 1)
        }
    }

    @Test func aWaitThatRunsOutSaysHowThingsAre() async throws {
        try await withFront { (front) async throws in
            front.daemon.set("a", version: 7)
            #expect(try await front.send("GET", "/api/jobs/a?wait=0.01&since=7").headers["ETag"] == "\"7\"")
            #expect(try await front.send("GET", "/api/jobs/b?wait=0.01").status == 404)
            #expect(try await front.send("GET", "/api/jobs/a?wait=50&since=6").headers["ETag"] == "\"7\"")
        }
    }

    @Test(arguments: ["wait=56", "wait=-1", "wait=x", "wait=nan", "since=-1", "since=x", "since=1.5"])
    func aWaitOutOfRangeIsRefused(query: String) async throws {
        try await withFront { (front) async throws in
            let response = try await front.send("GET", "/api/jobs/a?\(query)")
            #expect(response.status == 400)
            #expect(response.text.contains(#""code":"invalid-request""#))
        }
    }

    @Test(arguments: [
        (#"{"job":{"version":2},"ended":true}"#, 200), (#"{"job":{"version":2},"ended":false}"#, 202),
    ])
    func cancelSaysWhetherItIsOver(reply: String, status: Int) async throws {
        let json = try JSONValue.parse(reply)
        try await withFront(script: { $0.method == .cancelJob ? .result(json) : nil }) { (front) async throws in
            let response = try await front.send("POST", "/api/jobs/a/cancel", body: #"{"reason":"why"}"#)
            #expect(response.status == status)
            #expect(response.text == #"{"version":2}"#)
            #expect(front.daemon.calls.last?.params == ["reason": "why", "jobId": "a"])
        }
    }

    @Test func refusalsKeepTheirDetails() async throws {
        let refusal = Refusal(.jobConflict, "It is completed.", details: ["job": ["version": 3]])
        try await withFront(script: { $0.method == .retryJob ? .refusal(refusal) : nil }) { (front) async throws in
            let response = try await front.send("POST", "/api/jobs/a/retry")
            #expect(response.status == 409)
            #expect(response.headers["Content-Type"] == "application/problem+json")
            #expect(try JSONValue.parse(response.body)["job"] == ["version": 3])
        }
    }

    @Test func listsAndLogsPassTheirQueryOn() async throws {
        try await withFront(script: { [.listJobs, .readLog].contains($0.method) ? .result(["page": true]) : nil }) {
            (front) async throws in
            #expect(try await front.send("GET", "/api/jobs?status=a,b&limit=7&q=%20x&unknown=1").status == 200)
            #expect(front.daemon.calls.last?.params == ["status": "a,b", "q": " x", "limit": 7])
            #expect(try await front.send("GET", "/api/jobs/a/logs?after=5&limit=2").status == 200)
            #expect(front.daemon.calls.last?.params == ["after": 5, "limit": 2, "jobId": "a"])
        }
    }

    @Test func aBodyOfOneMebibyteIsTakenAndOneByteMoreIsNot() async throws {
        try await withFront { (front) async throws in
            let start = #"{"jobId":"a","metadata":{"#
            let body = start + String(repeating: " ", count: 1_048_576 - start.utf8.count - 2) + "}}"
            #expect(try await front.send("POST", "/api/jobs", body: body).status == 201)
            let tooLarge = try await front.send("POST", "/api/jobs", body: body + " ")
            #expect(tooLarge.status == 413)
            let unannounced = try await front.send(
                "POST", "/api/jobs", headers: ["CONTENT_LENGTH": ""], body: body + " ")
            #expect(unannounced.status == 413)
        }
    }

    @Test func theServiceTellsHowItIs() async throws {
        try await withFront { (front) async throws in
            #expect(try await front.send("GET", "/api/health/live").status == 200)
            front.daemon.set("a", version: 1)
            _ = try await front.send("GET", "/api/jobs/a")
            #expect(try await front.send("GET", "/api/health/ready").status == 200)
            await front.daemon.stop()
            #expect(try await front.send("GET", "/api/health/live").status == 200)
            var status = 200
            while status == 200 { status = try await front.send("GET", "/api/health/ready").status }
            #expect(status == 503)
        }
    }
}
