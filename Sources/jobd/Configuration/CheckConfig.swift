import Glibc
import JobProcessing

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
            let missing = Self.missingPrograms(of: configuration, find: Self.find)
            guard missing.isEmpty else { return Report(lines: missing, exitCode: 78) }
            return Report(lines: Self.summary(of: configuration), exitCode: 0)
        } catch {
            return Report(lines: error.errors.map(\.description), exitCode: 78)
        }
    }

    /// A line for each step whose program is not there.
    static func missingPrograms(of configuration: Configuration, find: (String) -> String?) -> [String] {
        configuration.pipelines.sorted { $0.key < $1.key }.flatMap { type, pipeline in
            pipeline.steps.compactMap { step in
                guard case .command(let command) = step.action, find(command.program) == nil else { return nil }
                return
                    "pipelines.\(type): the step \(step.name) needs \(command.program), which is not in \(ProgramPath.standard); "
                    + "install it, or name its whole path."
            }
        }
    }

    private static func find(_ program: String) -> String? {
        ProgramPath.find(program).flatMap { access($0, X_OK) == 0 ? $0 : nil }
    }

    static func summary(of configuration: Configuration) -> [String] {
        let queues = configuration.queues.sorted { $0.key < $1.key }.map { name, queue in
            "queue \(name): \(queue.width.map { "\($0) at a time" } ?? "one job for each core, at least 2")"
        }
        let pipelines = configuration.pipelines.sorted { $0.key < $1.key }.map { type, pipeline in
            "pipeline \(type): \(pipeline.steps.map(\.name).joined(separator: ", ")), in the queue \(pipeline.queue)"
        }
        return ["storage \(configuration.storageDirectory)", "control socket \(configuration.controlSocket)"]
            + queues + pipelines
    }
}
