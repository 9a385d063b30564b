import ArgumentParser
import JSON
import JobModel
import JobWire

struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the versions of jobctl and of the daemon that runs.",
        discussion: "Warns if they differ, because the package was upgraded and the daemon was not restarted.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let daemon: String?
        let failure: Exit?
        do {
            let status = try await Session.with(common) { try await $0.call(.serverStatus) }
            (daemon, failure) = (status["version"]?.string, nil)
        } catch let exit as Exit {
            (daemon, failure) = (nil, exit)
        }
        if common.json {
            Output.json(["client": .string(Build.version), "daemon": daemon.map(JSONValue.string) ?? .null])
        } else {
            Output.line("jobctl \(Build.version)")
            if let daemon { Output.line("jobd \(Output.printable(daemon))") }
        }
        if let failure { throw failure }
        if daemon != Build.version {
            Output.message("jobctl: the daemon is of another version; restart it (systemctl restart jobd).")
        }
    }
}
