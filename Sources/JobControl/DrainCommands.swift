import ArgumentParser
import Glibc
import JSON
import JobModel
import JobWire

struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Start and accept no jobs until undrain, also after a restart; running jobs go on.")

    @OptionGroup var common: CommonOptions

    @Flag(help: "Return when no job runs any more.")
    var wait = false

    func run() async throws {
        try await Session.with(common) { session in
            var result = try await session.call(.drainServer)
            var running = try await Self.running(over: session)
            while wait, running > 0 {
                try await Task.sleep(for: .milliseconds(200))
                running = try await Self.running(over: session)
            }
            if common.json {
                if case .object(var object) = result {
                    object["running"] = JSONValue(running)
                    result = .object(object)
                }
                return Output.json(result)
            }
            if !common.quiet { Output.line(running > 0 ? "drained; \(running) jobs still run" : "drained") }
        }
    }

    private static func running(over session: Session) async throws -> Int64 {
        try await session.call(.serverStatus)["jobs"]?["processing"]?.integer ?? 0
    }
}

struct UndrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "undrain", abstract: "Start and accept jobs again.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let result = try await Session.with(common) { try await $0.call(.undrainServer) }
        if common.json { return Output.json(result) }
        if !common.quiet { Output.line("jobs are started again") }
    }
}
