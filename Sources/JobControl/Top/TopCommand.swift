import ArgumentParser
import JSON
import JobModel
import JobWire

struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Show the queues and the jobs that run and wait, live.",
        discussion: "On a terminal, until you press q; elsewhere, prints them once.")

    @OptionGroup var common: CommonOptions

    @Option(help: "Seconds between updates.")
    var interval = 1.0

    func validate() throws {
        guard (0.1...3600).contains(interval) else { throw ValidationError("--interval is from 0.1 to 3600.") }
    }

    func run() async throws {
        if common.json {
            let state = try await TopState.read(common)
            return Output.json(["status": state.status, "stats": state.stats, "jobs": .array(state.jobs)])
        }
        guard Output.isTerminal, let terminal = Terminal(interval: interval) else {
            for line in TopFrame(try await TopState.read(common)).lines(width: .max, height: .max) { Output.line(line) }
            return
        }
        defer { terminal.restore() }
        for await event in terminal.events {
            if event == .quit { return }
            await draw(on: terminal)
        }
    }

    /// A daemon that is away may come back.
    private func draw(on terminal: Terminal) async {
        let (width, height) = terminal.size
        do {
            terminal.show(TopFrame(try await TopState.read(common)).lines(width: width, height: height))
        } catch {
            let reason = (error as? Exit)?.message ?? "\(error)"
            terminal.show([TopFrame.fitted(Output.printable(reason), to: width)])
        }
    }
}

/// What there is to show at one moment.
struct TopState {
    /// Jobs that any terminal has room for.
    private static let jobLimit = 200

    let status: JSONValue
    let stats: JSONValue
    /// Those that run, then those that wait, the next ones first.
    let jobs: [JSONValue]

    static func read(_ common: CommonOptions) async throws -> TopState {
        try await Session.with(common) { session in
            var jobs: [JSONValue] = []
            for word in ["processing", "queued"] where jobs.count < jobLimit {
                let limit = JSONValue(jobLimit - jobs.count)
                let list = try await session.call(
                    .listJobs, ["status": .string(word), "order": "oldest", "limit": limit])
                let found = list["jobs"]?.array ?? []
                jobs += found.sorted { ($0["priority"]?.integer ?? 0) > ($1["priority"]?.integer ?? 0) }
            }
            return TopState(
                status: try await session.call(.serverStatus), stats: try await session.call(.getStats), jobs: jobs)
        }
    }
}
