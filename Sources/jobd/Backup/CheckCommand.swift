import ArgumentParser
import Glibc

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check all data of a storage directory or a backup.",
        discussion: """
            Checks the database, every record, and the size and digest of every file and artifact. It changes nothing. No \
            daemon may use the directory meanwhile. The exit code is 1 if something is wrong.

            To restore a backup: stop jobd, move its storage directory away, copy the backup to that place with its owner \
            (cp -a), check it, and start jobd.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "The directory (default: storage.directory of the configuration).", completion: .directory)
    var directory: String?

    func run() {
        let check = StorageCheck(directory: directory ?? options.load().storageDirectory) { line in
            switch line {
            case .fault(let text): Message.line(text)
            case .note(let text): print(text)
            }
        }
        let isWell = check.run()
        if isWell { print("Everything is correct.") }
        Glibc.exit(isWell ? 0 : 1)
    }
}
