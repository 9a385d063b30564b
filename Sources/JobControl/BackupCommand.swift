import ArgumentParser
import Glibc
import JSON
import JobModel
import JobWire

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Back up the database and all files, while the daemon runs.",
        discussion: """
            The directory must be missing or empty, and the daemon must be allowed to write there. On the file system of the \
            storage directory it takes almost no space. Copy it to another machine. The backup has the layout of the \
            storage directory: jobd check DIR checks it; to restore it, replace the storage directory.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The directory of the backup.", completion: .directory)
    var directory: String

    func run() async throws {
        let path = directory.hasPrefix("/") ? directory : "\(Self.workingDirectory)/\(directory)"
        let result = try await Session.with(common, through: .admin) {
            try await $0.call(.backUpServer, ["directory": .string(path)])
        }
        let missing = result["missing"]?.integer ?? 0
        if common.json {
            Output.json(result)
        } else if common.quiet {
            Output.line(path)
        } else {
            let counts = ["jobs", "files", "artifacts", "bytes"].map { "\(result[$0]?.integer ?? 0) \($0)" }
            Output.line("\(path): \(counts.joined(separator: ", "))")
        }
        guard missing == 0 else {
            throw Exit(
                code: Exit.failure,
                message: "jobctl: \(missing) files or artifacts on record were not there; `jobd check` names them.")
        }
    }

    private static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }
}
