import JSON
import JobFrontTesting
import JobModel
import JobWire
import Testing

@testable import JobFront

/// What every route does with a query that says nothing, not clearly, or twice.
@Suite(.timeLimit(.minutes(5)))
struct QueryTests {
    /// Each operation, with each item of a query that it takes.
    private static let items: [(entry: APIDocument.Entry, name: String)] = APIDocument.entries.flatMap { entry in
        entry.queryNames.sorted().map { (entry, $0) }
    }

    @Test func whatCannotBeReadIsRefusedByEveryRoute() async throws {
        #expect(!Self.items.isEmpty)
        try await withFront { (front) async throws in
            for entry in APIDocument.entries {
                for name in entry.queryNames.union(["unknown"]) {
                    for value in ["%", "%zz", "%ff", "%e9,a", "%ff&\(name)=a", "a&\(name)=%ff"] {
                        let response = try await front.send(
                            entry.method.rawValue, Self.path(entry) + "?\(name)=\(value)")
                        #expect(response.status == 400, "\(entry.operation) \(name)=\(value)")
                        let problem = try JSONValue.parse(response.body)
                        #expect(problem["code"] == "invalid-request")
                        #expect(problem["pointer"] == .string("/" + name))
                    }
                }
            }
            #expect(front.daemon.calls.isEmpty)
        }
    }

    @Test func whatIsSaidTwiceIsRefusedByTheRoutesThatTakeIt() async throws {
        try await withFront { (front) async throws in
            for (entry, name) in Self.items {
                let response = try await front.send(
                    entry.method.rawValue, Self.path(entry) + "?\(name)=1&\(name)=1")
                #expect(response.status == 400, "\(entry.operation) \(name)")
                #expect(try JSONValue.parse(response.body)["pointer"] == .string("/" + name))
            }
            #expect(front.daemon.calls.isEmpty)
        }
    }

    /// Empty counts as left out, but never ids: without them the stream shows all jobs.
    @Test func emptyIdsAreNotAllJobs() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            for query in ["ids=", "ids", "ids=,", "ids=a,", "ids=a,,b", "i%64s="] {
                #expect(try await front.send("GET", "/api/jobs/stream?\(query)").status == 400, "\(query)")
            }
            #expect(!front.daemon.calls.contains { $0.method == .watchJobs })
        }
    }

    @Test func anotherCaseIsAnotherName() async throws {
        try await withFront(script: { $0.method == .listJobs ? .result([:]) : nil }) { (front) async throws in
            #expect(try await front.send("GET", "/api/jobs?Limit=2&unknown=1&unknown=2").status == 200)
            #expect(front.daemon.calls.last?.params == [:])
        }
    }

    private static func path(_ entry: APIDocument.Entry) -> String {
        entry.pattern.text.split(separator: "/").map { "/" + ($0.hasPrefix("{") ? "a" : $0) }.joined()
    }
}
