import ArgumentParser
import JSON
import JobModel
import JobWire

struct SchedulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedules", abstract: "Print, change and run schedules.",
        discussion: """
              jobctl schedules
              jobctl schedules show NAME
              jobctl schedules set NAME --cron '0 2 * * *' --time-zone Europe/Berlin --type report
              jobctl schedules run NAME
              jobctl schedules remove NAME
            """)

    /// What to do with a schedule.
    enum Action: String, CaseIterable, ExpressibleByArgument {
        case list, show, set, run, remove
    }

    @OptionGroup var common: CommonOptions

    @Argument(help: "What to do.")
    var action = Action.list

    @Argument(help: "The schedule's name.")
    var name: String?

    @Option(help: "Minute, hour, day of the month, month and day of the week; or @daily and the like.")
    var cron: String?

    @Option(help: "A name such as Europe/Berlin (default: UTC).")
    var timeZone: String?

    @Option(name: .customLong("type"), help: "The type of its jobs.")
    var jobType: String?

    @Option(help: "The queue of its jobs (default: the pipeline's).")
    var queue: String?

    @Option(help: "A JSON object that stays with each job.")
    var metadata: String?

    @Option(help: "once, skip or all: how many jobs to make for times at which the daemon was down (default: once).")
    var missed: String?

    @Flag(help: "Make no job while the one before has not ended.")
    var noOverlap = false

    func validate() throws {
        if action != .list, name == nil { throw ValidationError("\(action.rawValue) needs a schedule's name.") }
        if action == .set, cron == nil || jobType == nil { throw ValidationError("set needs --cron and --type.") }
    }

    func run() async throws {
        try await Session.with(common) { session in
            let name = JSONValue.string(name ?? "")
            switch action {
            case .list: print(try await schedules(over: session))
            case .show:
                guard let schedule = try await schedules(over: session).first(where: { $0["name"] == name }) else {
                    throw Exit(code: 4, message: "jobctl: there is no schedule \(Output.printable(self.name ?? "")).")
                }
                show(schedule)
            case .set: show(try await session.call(.putSchedule, try plan(named: name)))
            case .run: JobView(json: try await session.call(.runSchedule, ["name": name])).print(common)
            case .remove:
                _ = try await session.call(.deleteSchedule, ["name": name])
                if common.json { Output.json([:]) }
            }
        }
    }

    private func schedules(over session: Session) async throws -> [JSONValue] {
        try await session.call(.listSchedules)["schedules"]?.array ?? []
    }

    private func plan(named name: JSONValue) throws -> JSONObject {
        var params: JSONObject = ["name": name]
        params["cron"] = cron.map(JSONValue.string)
        params["timeZone"] = timeZone.map(JSONValue.string)
        params["jobType"] = jobType.map(JSONValue.string)
        params["queue"] = queue.map(JSONValue.string)
        params["metadata"] = try metadata.map(NewJobOptions.metadata)
        params["missed"] = missed.map(JSONValue.string)
        if noOverlap { params["overlap"] = false }
        return params
    }

    private func print(_ schedules: [JSONValue]) {
        if common.json || common.quiet {
            for schedule in schedules {
                common.json ? Output.json(schedule) : Output.line(schedule["name"]?.string ?? "")
            }
            return
        }
        Output.table(
            ["NAME", "CRON", "TIME ZONE", "TYPE", "NEXT", "LAST JOB"],
            schedules.map { schedule in
                ["name", "cron", "timeZone", "jobType"].map { Output.printable(schedule[$0]?.string ?? "") }
                    + [schedule["next"]?.array?.first?.string ?? "never", schedule["lastJobId"]?.string ?? ""]
            })
    }

    private func show(_ schedule: JSONValue) {
        if common.json { return Output.json(schedule) }
        if common.quiet { return Output.line(schedule["name"]?.string ?? "") }
        for member in schedule.object?.members ?? [] where member.key != "next" {
            Output.line("\(member.key): \(Output.printable(member.value.string ?? JSONText(member.value).text))")
        }
        for moment in schedule["next"]?.array ?? [] { Output.line("next: \(moment.string ?? "")") }
    }
}
