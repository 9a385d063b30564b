import ArgumentParser
import JSON
import JobModel
import JobWire

struct WebhooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks", abstract: "List messages to webhooks, and send them again.",
        discussion: """
              jobctl webhooks
              jobctl webhooks --status abandoned --webhook shop
              jobctl webhooks redeliver ID…
            """)

    /// What to do with messages.
    enum Action: String, CaseIterable, ExpressibleByArgument {
        case list, redeliver
    }

    @OptionGroup var common: CommonOptions

    @Argument(help: "What to do.")
    var action = Action.list

    @Argument(help: "The ids of messages.")
    var ids: [String] = []

    @Option(help: "Only those to this webhook.")
    var webhook: String?

    @Option(help: "Only those about this job.")
    var job: String?

    @Option(help: "Only pending, delivered or abandoned ones.")
    var status: String?

    @Option(help: "How many, the newest first; 0 for all.")
    var limit = 50

    func validate() throws {
        switch action {
        case .list where !ids.isEmpty: throw ValidationError("list takes no ids.")
        case .redeliver where ids.isEmpty: throw ValidationError("redeliver needs the id of a message.")
        case .redeliver where webhook != nil || job != nil || status != nil:
            throw ValidationError("redeliver takes ids only.")
        default: break
        }
        guard limit >= 0 else { throw ValidationError("--limit must not be negative.") }
    }

    func run() async throws {
        try await Session.with(common) { session in
            switch action {
            case .list: print(try await messages(over: session))
            case .redeliver:
                for id in ids {
                    let message = try await session.call(.redeliver, ["id": .string(id)])
                    if common.json { Output.json(message) } else { Output.line(Output.printable(id)) }
                }
            }
        }
    }

    private func messages(over session: Session) async throws -> [JSONValue] {
        var params = JSONObject()
        params["webhook"] = webhook.map(JSONValue.string)
        params["jobId"] = job.map(JSONValue.string)
        params["status"] = status.map(JSONValue.string)
        var found: [JSONValue] = []
        while limit == 0 || found.count < limit {
            params["limit"] = JSONValue(limit == 0 ? 500 : min(limit - found.count, 500))
            let page = try await session.call(.listDeliveries, params)
            found += page["deliveries"]?.array ?? []
            guard let cursor = page["nextCursor"], cursor != .null else { break }
            params["cursor"] = cursor
        }
        return found
    }

    private func print(_ messages: [JSONValue]) {
        if common.json || common.quiet {
            for message in messages {
                common.json ? Output.json(message) : Output.line(message["id"]?.string ?? "")
            }
            return
        }
        Output.table(
            ["ID", "WEBHOOK", "TYPE", "JOB", "STATUS", "TRIES", "NEXT", "PROBLEM"],
            messages.map { message in
                ["id", "webhook", "type", "jobId", "status"].map { Output.printable(message[$0]?.string ?? "") }
                    + [
                        message["attempts"]?.integer.map { "\($0)" } ?? "", message["nextAttemptAt"]?.string ?? "",
                        Output.printable(message["problem"]?.string ?? ""),
                    ]
            })
    }
}
