import ArgumentParser
import Glibc
import JSON
import JobModel
import JobWire

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write everything that the daemon keeps to a new directory, while it works.",
        discussion: """
            The directory must be missing or empty, and the daemon must be allowed to write there. On the file system of the \
            storage directory it takes next to no space: copy it to another machine. It is a storage directory itself: \
            jobd check DIR reads it, and restoring is to put it in the place of the other.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "Where the backup shall be.", completion: .directory)
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
