import ArgumentParser
import Glibc

struct DevCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev", abstract: "Run daemon, fronts and nginx on 127.0.0.1, in the foreground.",
        discussion: "Prints its URLs when it is ready. Ctrl-C ends everything.")

    @Option(help: "The directory of all its state (default: a new temporary one).", completion: .directory)
    var directory: String?

    @Option(help: "The port on 127.0.0.1; 0 is any free one.")
    var port: UInt16 = 8080

    @Option(help: "The configuration file (default: jobd.toml in the directory, made if missing).", completion: .file())
    var config: String?

    @Option(help: "How many fronts (default: front.processes of the configuration).")
    var fronts: Int?

    @Option(
        name: .customLong("host"),
        help: "A host name that it answers to besides localhost, 127.0.0.1 and [::1] (may be repeated).")
    var hosts: [HostName] = []

    @Option(
        help: ArgumentHelp(
            "The directory of the documentation, shown at /docs/ (default: \(Documentation.installed)).",
            valueName: "directory"),
        completion: .directory)
    var docs: String?

    @Option(
        help: ArgumentHelp("A directory of your own pages, shown at / in place of the demo.", valueName: "directory"),
        completion: .directory)
    var pages: String?

    func validate() throws {
        guard fronts.map((1...64).contains) ?? true else { throw ValidationError("--fronts must be from 1 to 64.") }
    }

    func run() {
        let dev = Dev(
            directory: directory, port: port, configurationFile: config, fronts: fronts, documentation: docs,
            pages: pages, hosts: hosts)
        Glibc.exit(dev.run())
    }
}
