import JSON
import JobModel
import Testing

/// Who may say what became of a job.
struct CallerTests {
    private var map = JobMap(rules: Rules(widths: ["default": 1], pipelines: ["known": .init()]))
    private let start = Timestamp(milliseconds: 1_000_000)
    private let stranger = Access(rights: [.create, .read, .write], reach: .named)

    @Test(arguments: [
        Update(status: .completed, result: .set(JSONText(["virusFree": true]))), Update(status: .processing),
        Update(progress: 50), Update(step: .set("scan")), Update(result: .set(JSONText(1))),
        Update(status: .failed, error: JobFailure(.exit, message: "No.")), Update(step: .set("y"), message: .set("x")),
        Update(leaseSeconds: 5), Update(lines: [Update.Line(stream: .stdout, text: "forged")]),
    ])
    mutating func nobodyForgesWhatAPipelineWouldHaveFound(update: Update) throws {
        let (known, own) = (try #require(JobID("known")), try #require(JobID("own")))
        for (id, type) in [(known, "known"), (own, "own")] {
            _ = try map.apply(.create(Creation(jobId: id, jobType: type)), at: start)
        }
        #expect(
            throws: JobError.forbidden(
                reason: "A pipeline runs jobs of the type known; only operators may report for them.")
        ) { try map.apply(.update(known, update), by: stranger, at: start) }
        #expect(map.record(known)?.job?.version == 1)
        let ofStranger = Result { try map.apply(.update(own, update), by: stranger, at: start) }
        let ofOperator = Result { try map.apply(.update(known, update), at: start) }
        // What neither may do for its state is a conflict.
        #expect((try? ofStranger.get()) != nil || (try? ofOperator.get()) == nil)
    }

    @Test mutating func messageAndMetadataAreForWhoeverMayWrite() throws {
        let id = try #require(JobID("a"))
        _ = try map.apply(.create(Creation(jobId: id, jobType: "known")), at: start)
        let update = Update(message: .set("x"), metadata: ["a": 1])
        #expect(try map.apply(.update(id, update), by: stranger, at: start).count == 1)
    }
}
