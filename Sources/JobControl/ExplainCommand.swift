import ArgumentParser
import JSON
import JobModel
import JobWire

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say why jobs do not run, and when they may start.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var jobs: JobIDs

    func run() async throws {
        try await Session.with(common) { session in
            try await jobs.forEach { id in
                let explanation = try await session.call(.explainJob, ["jobId": .string(id)])
                if common.json { return Output.json(explanation) }
                if common.quiet { return Output.line(explanation["because"]?.string ?? "") }
                Output.line("\(id): \(Output.printable(explanation["text"]?.string ?? ""))")
                if let position = explanation["position"]?.integer {
                    Output.line(
                        position == 0 ? "  it is the next of its queue" : "  jobs of its queue before it: \(position)")
                }
                if let seconds = explanation["estimateSeconds"]?.integer {
                    Output.line("  starts in about \(seconds) s")
                }
                let others = (explanation["by"]?.array ?? []).compactMap(\.string)
                if !others.isEmpty { Output.line("  waits for \(Output.printable(others.joined(separator: " ")))") }
            }
        }
    }
}
