import ArgumentParser
import JSON
import JobModel
import JobWire

struct MetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "Print the metrics in the text format of Prometheus.",
        discussion: "The same as GET /metrics through the web server.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let metrics = try await Session.with(common) { try await $0.call(.getMetrics) }
        if common.json { return Output.json(metrics) }
        Output.write(metrics["text"]?.string ?? "", to: 1)
    }
}
