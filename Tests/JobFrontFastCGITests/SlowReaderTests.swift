import JSON
import JobFrontTesting
import JobModel
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SlowReaderTests {
    @Test func aSlowReaderSkipsStatesButNotTheLast() async throws {
        try await withSite { (front) async throws in
            _ = try await front.send("GET", "/api/queues")
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
}
