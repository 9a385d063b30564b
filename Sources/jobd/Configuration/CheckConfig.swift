import Glibc
import JobModel
import JobProcessing
import JobSystem

/// `jobd check-config`: says what is wrong with a configuration, or what is in it, and starts nothing.
struct CheckConfig {
    /// The outcome: lines for people, and the exit code that says the same.
    struct Report: Hashable {
        var lines: [String]
        /// 0, or 78: the configuration is wrong or names programs that are not there.
        var exitCode: Int32
    }

    /// Must exist; nil: the usual file, if that exists.
    var file: String?

    /// Reads the file with this process's environment over it, and looks for the programs of all steps.
    func report() -> Report {
        do {
            let configuration = try Configuration.load(file: file)
            let missing = Self.missingPrograms(of: configuration, isThere: { ProgramPath.isExecutable($0) })
            let required = missing.filter { !$0.isOptional }
            guard required.isEmpty else { return Report(lines: required.map(\.description), exitCode: 78) }
            return Report(
                lines: Self.summary(of: configuration) + missing.map(\.description) + Self.dropIns(configuration),
                exitCode: 0)
        } catch {
            return Report(lines: error.errors.map(\.description), exitCode: 78)
        }
    }

    /// What the units that run the steps need, where there are some.
    private static func dropIns(_ configuration: Configuration) -> [String] {
        guard !configuration.sandbox.units.isEmpty || access(UnitDropIn.units, F_OK) == 0 else { return [] }
        return UnitDropIn.all(for: configuration).flatMap(\.description)
    }

    /// A step whose program is not there.
    struct MissingProgram: CustomStringConvertible {
        var key: String
        var step: String
        var program: String
        var isOptional: Bool

        var description: String {
            isOptional
                ? "\(key): without \(program), which is not in \(ProgramPath.standard), the step \(step) is skipped."
                : "\(key): the step \(step) needs \(program), which is not in \(ProgramPath.standard); "
                    + "install it, or write its absolute path."
        }
    }

    /// In the order of the types and steps; `isThere` answers whether a program is.
    static func missingPrograms(of configuration: Configuration, isThere: (String) -> Bool) -> [MissingProgram] {
        configuration.live.pipelines.sorted { $0.key < $1.key }.flatMap { type, pipeline in
            pipeline.steps.enumerated().flatMap { index, settings in
                let step = settings.step
                let key = ConfigurationPath().key("pipelines").key(type).key("steps").index(index)
                return step.programs.filter { !isThere($0) }.map { program in
                    MissingProgram(
                        key: key.description, step: step.name, program: program, isOptional: step.isOptional)
                }
            }
        }
    }

    static func summary(of configuration: Configuration) -> [String] {
        let queues = configuration.live.queues.sorted { $0.key < $1.key }.map { name, queue in
            "queue \(name): \(queue.width.map { "\($0) at a time" } ?? "one job for each core, at least 2")"
        }
        let pipelines = configuration.live.pipelines.sorted { $0.key < $1.key }.map { type, pipeline in
            "pipeline \(type): \(pipeline.steps.map(\.step.name).joined(separator: ", ")), in the queue \(pipeline.queue)"
        }
        let webhooks = configuration.live.webhooks.sorted { $0.key < $1.key }.map { name, webhook in
            "webhook \(name): \(webhook.moments.map(\.rawValue).sorted().joined(separator: ", ")), to \(webhook.address)"
        }
        return ["storage \(configuration.storageDirectory)", "control socket \(configuration.controlSocket)"]
            + queues + pipelines + webhooks
    }
}
