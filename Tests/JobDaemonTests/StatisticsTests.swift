import JSON
import JobDaemonTesting
import JobModel
import JobTesting
import JobWire
import Testing

@testable import JobDaemon

@Suite(.timeLimit(.minutes(5)))
struct StatisticsTests {
    @Test func anHourIsSixtyMinutesOldestFirst() throws {
        var statistics = Statistics()
        let start = Timestamp(milliseconds: 600_000)
        let created = Job.sample(createdAt: start)
        statistics.record(JobEvent(kind: .created, before: nil, after: .job(created)), by: WallClock())
        var running = created
        running.status = .processing
        running.times.updatedAt = start + .milliseconds(5000)
        running.times.startedAt = running.times.updatedAt
        statistics.record(JobEvent(kind: .started, before: .job(created), after: .job(running)), by: WallClock())
        var ended = running
        ended.status = .failed
        ended.times.updatedAt = start + .seconds(65)
        ended.times.finishedAt = ended.times.updatedAt
        statistics.record(JobEvent(kind: .finished, before: .job(running), after: .job(ended)), by: WallClock())

        let minutes = try #require(statistics.json(at: ended.times.updatedAt).array)
        #expect(minutes.count == 60)
        let (last, first) = (minutes[59], minutes[58])
        #expect(first["at"] == JSONValue(start) && first["created"] == 1 && first["failed"] == 0)
        #expect(first["waitMs"]?["p50"] == 5119 && first["runMs"]?["p50"] == .null)
        #expect(last["failed"] == 1 && last["completed"] == 0 && last["runMs"]?["p95"] == 61439)
        let later = try #require(statistics.json(at: ended.times.updatedAt + .seconds(3600)).array)
        #expect(later.allSatisfy { $0["created"] == 0 && $0["failed"] == 0 })
    }

    @Test func theTypesOfWhichMostJobsEndedComeFirstAndAnHourLaterNoneDo() throws {
        var types = TypeStatistics()
        let now = Timestamp(milliseconds: 600_000)
        func end(_ type: String, _ status: JobStatus, at moment: Timestamp) {
            var job = Job.sample(jobType: type, createdAt: moment)
            job.times.startedAt = moment
            job.times.updatedAt = moment + .milliseconds(100)
            job.status = status
            types.record(JobEvent(kind: .finished, before: nil, after: .job(job)), by: WallClock())
        }
        for number in 0..<60 { end("many-\(number)", .completed, at: now) }
        end("busy", .completed, at: now + .seconds(1200))
        end("busy", .failed, at: now + .seconds(1800))
        let told = try #require(types.json(at: now + .seconds(1800)).array)
        #expect(told.count == TypeStatistics.maximumTypes)
        #expect(told.first?["jobType"] == "busy" && told.first?["completed"] == 1 && told.first?["failed"] == 1)
        #expect(told.first?["runMs"]?["p95"] == 103)
        #expect(types.json(at: now + .seconds(3900)).array?.count == 1)
        #expect(types.json(at: now + .seconds(7200)) == [])
    }

    /// A clock that was ahead and is right again: what comes then is counted, and what was ahead is forgotten.
    @Test func minutesThatHaveNotComeAreForgotten() throws {
        var statistics = Statistics()
        let now = Timestamp(milliseconds: 600_000)
        for moment in [now, now + .seconds(10 * 86_400), now + .seconds(60)] {
            let job = Job.sample(createdAt: moment)
            statistics.record(JobEvent(kind: .created, before: nil, after: .job(job)), by: WallClock())
        }
        let minutes = try #require(statistics.json(at: now + .seconds(60)).array)
        #expect(minutes.suffix(1).map { $0["created"] } == [1])
        let ahead = try #require(statistics.json(at: now + .seconds(10 * 86_400)).array)
        #expect(ahead.allSatisfy { $0["created"] == 0 })
    }

    @Test func theUptimeIsWhatHasPassedWhateverTheClockWasSetTo() async throws {
        try await withDaemon { harness in
            await harness.clock.advance(by: .seconds(90))
            await harness.clock.set(to: harness.clock.now + .seconds(-3600))
            let status = try await harness.call(.serverStatus)
            #expect(status["uptimeSeconds"] == 90)
        }
    }

    @Test(arguments: [0, 1, 15, 16, 17, 100, 999, 12_345, 86_400_000, Int64.max / 2])
    func aPercentileIsAtMostAnEighthTooHigh(value: Int64) throws {
        var histogram = Histogram()
        histogram.add(value)
        let found = try #require(histogram.percentile(95))
        #expect(found >= value && found - value <= value / 8)
    }

    @Test func percentilesCountWhatIsBelow() {
        var histogram = Histogram()
        for value in 1...10 { histogram.add(Int64(value)) }
        histogram.add(-5)
        #expect((histogram.percentile(50), histogram.percentile(95), histogram.percentile(1)) == (5, 10, 0))
        #expect(Histogram().percentile(50) == nil)
    }
}
