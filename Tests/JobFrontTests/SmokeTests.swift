import JobFront
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SmokeTests {
    @Test func aJobIsCreatedAndReadBack() async throws {
        try await withFront { front in
            let created = try await front.send("POST", "/api/jobs", body: #"{"jobId":"a","metadata":{"n":1.50}}"#)
            #expect(created.status == 201)
            #expect(created.headers["Location"] == "/api/jobs/a")
            let read = try await front.send("GET", "/api/jobs/a")
            #expect(read.status == 200)
            #expect(read.headers["ETag"] == "\"1\"")
            #expect(read.text == created.text)
            #expect(read.isComplete)
        }
    }
}
