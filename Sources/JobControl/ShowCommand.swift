import ArgumentParser
import JSON
import JobModel
import JobWire

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Print everything about jobs.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var jobs: JobIDs

    func run() async throws { try await jobs.call(.getJob, common) }
}
