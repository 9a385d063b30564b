import ArgumentParser
import JSON
import JobModel
import JobWire

struct CreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a job that gets its files later, or that an application runs.",
        discussion: "If the id exists, prints the existing job, unless --reject is given.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var job: NewJobOptions

    @Option(help: "The queue (default: the pipeline's).", completion: Completion.queues)
    var queue: String?

    @Option(help: "From -100 to 100; higher ones come first.")
    var priority: Int?

    @Option(help: "Do not start before this time, such as 2026-11-23T12:00:00Z.")
    var runAt: String?

    @Option(help: "Do not start before this time has passed, in seconds or as 10m.")
    var delay: TypedSpan?

    @Option(help: "How often it is tried before it fails (default: the pipeline's).")
    var maxAttempts: Int?

    @Option(help: "Start after the end of this job; may be repeated.", completion: Completion.jobs)
    var after: [String] = []

    @Flag(help: "Start also if jobs of --after fail; without it, this job fails then, too.")
    var afterAny = false

    @Option(help: "A queue runs at most perKey jobs with the same key at a time.")
    var limitKey: String?

    @Option(help: "If a job with the same key has not ended, print that job and create none.")
    var dedupeKey: String?

    @Option(help: "Do so also if that job ended less than so many seconds ago.")
    var dedupeSeconds: Int?

    @Option(help: "Delay before the second attempt, such as 30s; doubles with each further one.")
    var retryDelay: String?

    @Option(help: "The longest delay between attempts.")
    var maximumRetryDelay: String?

    @Option(
        name: .customLong("time-limit"),
        help: "PART=DURATION, such as running=10m. PART is queued, running, silence or total.")
    var timeLimits: [String] = []

    @Option(help: "A webhook of the configuration that gets messages about this job.")
    var webhook: String?

    @Option(help: "Whose job it is (default: no owner).")
    var owner: String?

    @Option(name: .customLong("file-id"), help: "An uploaded file; may be repeated. The job is queued at once.")
    var fileIds: [String] = []

    @Flag(help: "Queue the job at once, without files.")
    var noFiles = false

    @Flag(help: "Fail with exit code 3 if the id exists.")
    var reject = false

    func run() async throws {
        var params = try job.params()
        params["queue"] = queue.map(JSONValue.string)
        params["priority"] = priority.map { JSONValue($0) }
        params["runAt"] = runAt.map(JSONValue.string)
        params["delaySeconds"] = delay.map { JSONValue($0.duration / .seconds(1)) }
        params["maxAttempts"] = maxAttempts.map { JSONValue($0) }
        if !after.isEmpty { params["after"] = .array(after.map(JSONValue.string)) }
        if afterAny { params["afterPolicy"] = "ended" }
        params["limitKey"] = limitKey.map(JSONValue.string)
        params["dedupeKey"] = dedupeKey.map(JSONValue.string)
        params["dedupeSeconds"] = dedupeSeconds.map { JSONValue($0) }
        params["webhook"] = webhook.map(JSONValue.string)
        params["owner"] = owner.map(JSONValue.string)
        var retry = JSONObject()
        retry["delay"] = retryDelay.map(JSONValue.string)
        retry["maximumDelay"] = maximumRetryDelay.map(JSONValue.string)
        if !retry.members.isEmpty { params["retry"] = .object(retry) }
        var limits = JSONObject()
        for limit in timeLimits {
            let parts = limit.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw ValidationError("--time-limit is written as PART=SPAN, such as running=10m.")
            }
            limits[parts[0]] = .string(parts[1])
        }
        if !limits.members.isEmpty { params["timeouts"] = .object(limits) }
        if noFiles || !fileIds.isEmpty { params["fileIds"] = .array(fileIds.map(JSONValue.string)) }
        if reject { params["onConflict"] = "reject" }
        let result = try await Session.with(common) { [params] in try await $0.call(.createJob, params) }
        JobView(json: result["job"] ?? .null).print(common)
    }
}
