import ArgumentParser
import JSON
import JobModel
import JobWire

struct BatchesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batches", abstract: "Print the progress of batches, or cancel their jobs.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The batches' ids.")
    var ids: [String]

    @Flag(help: "Cancel their jobs.")
    var cancel = false

    @Option(help: "Why; becomes the jobs' message.")
    var reason: String?

    func validate() throws {
        if reason != nil, !cancel { throw ValidationError("--reason needs --cancel beside it.") }
    }

    func run() async throws {
        try await Session.with(common) { session in
            for id in ids {
                var params: JSONObject = ["batchId": .string(id)]
                if cancel { params["reason"] = reason.map(JSONValue.string) }
                Self.print(try await session.call(cancel ? .cancelBatch : .getBatch, params), common)
            }
        }
    }

    private static func print(_ batch: JSONValue, _ common: CommonOptions) {
        if common.json { return Output.json(batch) }
        let id = Output.printable(batch["batchId"]?.string ?? "")
        if common.quiet { return Output.line(id) }
        let counts = (batch["counts"]?.object?.members ?? []).filter { $0.value != 0 }
        let text = counts.map { "\(JSONText($0.value).text) \($0.key)" }.joined(separator: ", ")
        let progress = batch["progress"].map { JSONText($0).text } ?? "0"
        Output.line("\(id)  \(batch["status"]?.string ?? "")  \(progress) %  \(text)")
    }
}
