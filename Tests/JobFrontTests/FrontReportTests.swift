import JSON
import JobFrontTesting
import JobModel
import JobWire
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct FrontReportTests {
    @Test(.timeLimit(.minutes(5)))
    func theDaemonHearsWhatTheFrontAnswered() async throws {
        try await withFront { front in
            front.daemon.set("a", version: 1)
            _ = try await front.send("GET", "/api/jobs/a")
            _ = try await front.send("GET", "/api/jobs/a")
            _ = try await front.send("GET", "/nothing")
            var counts: [String: Int64] = [:]
            var known = 0
            // What a report told that was lost on its way is told again, so there may be more.
            while counts["getJob 2xx", default: 0] < 2 || counts["none 4xx", default: 0] < 1 {
                await front.daemon.until { [known] calls, _ in calls.count { $0.method == .reportFront } > known }
                let reports = front.daemon.reports
                for entry in reports.dropFirst(known).flatMap({ $0["requests"]?.array ?? [] }) {
                    let kind = "\(entry["operation"]?.string ?? "") \(entry["status"]?.string ?? "")"
                    counts[kind, default: 0] += entry["count"]?.integer ?? 0
                }
                known = reports.count
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func whatTheDaemonDidNotTakeIsToldAgain() async throws {
        let isFirst = Once()
        try await withFront(script: { call in
            Self.tellsOfRequests(call) && isFirst.take() ? .hangUp : nil
        }) { front in
            front.daemon.set("a", version: 1)
            _ = try await front.send("GET", "/api/jobs/a")
            await front.daemon.until { calls, _ in calls.count(where: Self.tellsOfRequests) >= 2 }
            let told = front.daemon.reports.compactMap { $0["requests"]?.array?.first }
            #expect(told.prefix(2).allSatisfy { $0["count"] == 1 })
        }
    }

    /// A front tells of itself also before it has answered anything.
    private static func tellsOfRequests(_ call: StubDaemon.Call) -> Bool {
        call.method == .reportFront && call.params["requests"]?.array?.isEmpty == false
    }
}

/// True once.
private final class Once: Sendable {
    private let isTaken = Atomic(false)

    func take() -> Bool { !isTaken.exchange(true, ordering: .relaxed) }
}
