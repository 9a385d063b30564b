import CoreMetrics
import JSON
import JobDaemonTesting
import JobModel
import JobStorage
import JobTesting
import JobWire
import Testing

@testable import JobDaemon

@Suite(.timeLimit(.minutes(5)))
struct MetricsTests {
    private let registry = MetricRegistry([
        .init("events_total", .counter, "Events."),
        .init("size", .histogram(bounds: [1, 10]), "Sizes."),
        .init("time_seconds", .histogram(bounds: [0.5]), "Times."),
        .init("level", .gauge, "A level."),
    ])

    @Test func whatWasCountedIsToldInTheOrderOfTheDefinitions() {
        Counter(label: "events_total", dimensions: [("kind", "a\"b\\c\nd")], factory: registry).increment(by: 3)
        let size = Recorder(label: "size", factory: registry)
        for value in [1, 2, 10, 11] { size.record(value) }
        Timer(label: "time_seconds", factory: registry).recordMilliseconds(500)
        Gauge(label: "level", factory: registry).record(1.5)
        #expect(
            registry.text(with: [MetricSample("level", 7, [("of", "x")]), MetricSample("unknown", 1)]) == """
                # HELP events_total Events.
                # TYPE events_total counter
                events_total{kind="a\\"b\\\\c\\nd"} 3
                # HELP size Sizes.
                # TYPE size histogram
                size_bucket{le="1"} 1
                size_bucket{le="10"} 3
                size_bucket{le="+Inf"} 4
                size_sum 24
                size_count 4
                # HELP time_seconds Times.
                # TYPE time_seconds histogram
                time_seconds_bucket{le="0.5"} 1
                time_seconds_bucket{le="+Inf"} 1
                time_seconds_sum 0.5
                time_seconds_count 1
                # HELP level A level.
                # TYPE level gauge
                level 1.5
                level{of="x"} 7

                """)
    }

    @Test func everyMetricHasOneDefinition() {
        let names = MetricDefinition.all.map(\.name)
        #expect(Set(names).count == names.count)
        for definition in MetricDefinition.all {
            guard case .histogram(let bounds) = definition.kind else { continue }
            #expect(bounds == bounds.sorted() && !bounds.isEmpty)
        }
    }

    @Test func jobsAreCountedByTheirQueue() async throws {
        let rules = Rules(widths: ["default": 1, "other": 1], pipelines: [JobMap.defaultJobType: .init()])
        try await withDaemon(rules: rules) { harness in
            try await harness.call(.createJob, ["jobId": "a", "queue": "other", "jobType": "own"])
            try await harness.call(.cancelJob, ["jobId": "a"])
            try await harness.call(.retryJob, ["jobId": "a"])
            let text = try #require(try await harness.call(.getMetrics)["text"]?.string)
            for line in [
                #"jobd_jobs{queue="other",status="pending"} 1"#, #"jobd_jobs{queue="other",status="cancelled"} 0"#,
                #"jobd_jobs_created_total{queue="other"} 1"#, #"jobd_jobs_created_total{queue="default"} 0"#,
                #"jobd_jobs_cancelled_total{queue="other"} 1"#, "jobd_commit_batch_size_count 3", "jobd_streams 0",
            ] {
                #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)")
            }
        }
    }

    /// Also after a start, which hears of such jobs from the store only.
    @Test func jobsThatTheApplicationHasLeftAreTold() async throws {
        let store = MemoryJobStore()
        let clock = ManualClock()
        func expect(_ count: Int64, in harness: DaemonHarness) async throws {
            #expect(try await harness.call(.getStats)["silent"] == JSONValue(count))
            let text = try #require(try await harness.call(.getMetrics)["text"]?.string)
            #expect(text.contains("\njobd_jobs_silent \(count)\n"))
        }
        try await withDaemon(store: store, clock: clock) { harness in
            for id in ["left", "heard", "ended", "waiting"] {
                try await harness.call(.createJob, ["jobId": .string(id)])
            }
            for id in ["left", "heard", "ended"] {
                try await harness.call(.updateJob, ["jobId": .string(id), "status": "processing"])
            }
            await clock.advance(by: .seconds(3500))
            try await expect(0, in: harness)
            try await harness.call(.updateJob, ["jobId": "heard", "progress": 1])
            await clock.advance(by: .seconds(200))
            try await expect(2, in: harness)
            try await harness.call(.updateJob, ["jobId": "ended", "status": "completed"])
            try await expect(1, in: harness)
        }
        try await withDaemon(store: store, clock: clock) { harness in
            try await expect(1, in: harness)
            try await harness.call(.updateJob, ["jobId": "left", "progress": 1])
            try await expect(0, in: harness)
        }
    }

    @Test func aFrontsReportEndsWithItsConnectionButNotItsCounts() async throws {
        try await withDaemon { harness in
            let connection = try await LineConnection.connect(to: harness.socketPath)
            let requests = #"[{"operation":"getJob","status":"2xx","count":5}]"#
            for _ in 1...2 {
                try await connection.send(
                    #"{"jsonrpc":"2.0","id":1,"method":"front.report","params":{"streams":3,"uploads":2,"requests":\#(requests)}}"#
                        + "\n")
                _ = await connection.next()
            }
            func lines() async throws -> [Substring] {
                try await harness.call(.getMetrics)["text"]?.string?.split(separator: "\n") ?? []
            }
            let during = try await lines()
            let counted: Substring = #"jobd_http_requests_total{operation="getJob",status="2xx"} 10"#
            #expect(["jobd_streams 3", "jobd_uploads 2", "jobd_fronts 1", counted].allSatisfy(during.contains))
            try await connection.close()
            while try await lines().contains("jobd_fronts 1") {}
            let after = try await lines()
            #expect(["jobd_streams 0", "jobd_uploads 0", counted].allSatisfy(after.contains))
        }
    }

    @Test func aFrontCannotMakeUpFiguresWithoutEnd() {
        var metrics = DaemonMetrics(queues: [])
        for number in 0..<1000 {
            metrics.record([.init(operation: "o\(number)", status: "2xx", count: 1)])
        }
        #expect(metrics.registry.series(of: "jobd_http_requests_total").count == FrontReport.maximumRequestKinds)
    }
}
