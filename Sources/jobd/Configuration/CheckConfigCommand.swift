import ArgumentParser
import Glibc

struct CheckConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config", abstract: "Check the configuration, and start nothing.",
        discussion: "The exit code is 78 if there is an error or a pipeline's program is missing.")

    @OptionGroup var options: ConfigurationOptions

    func run() {
        let report = CheckConfig(file: options.config).report()
        for line in report.lines { report.exitCode == 0 ? print(line) : Message.line(line) }
        Glibc.exit(report.exitCode)
    }
}
