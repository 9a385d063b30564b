import JSON
import Glibc
import JobModel

/// Shows states as they come: a bar for one job on a terminal, else a line for each.
struct ProgressDisplay: Sendable {
    private static let barWidth = 30

    let options: CommonOptions
    let showsBar: Bool

    init(options: CommonOptions, jobCount: Int) {
        self.options = options
        showsBar = Output.isTerminal && jobCount == 1 && !options.json && !options.quiet
    }

    func show(_ view: JobView) {
        guard showsBar else { return view.printLine(options) }
        let filled = Int(view.progress / 100 * Double(Self.barWidth))
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: Self.barWidth - filled)
        let line = "[\(bar)] \(view.percent) \(view.statusWord) \(Output.printable(view.remark))"
        // One column stays free: a full line would begin the next one.
        let fitted = Output.fitted(line, to: (Output.width ?? 80) - 1)
            .replacing(view.statusWord, with: Paint.output.status(view.statusWord), maxReplacements: 1)
        // Return to the start of the line, and clear what is left of the last one.
        Output.write("\r\u{1B}[K\(fitted)", to: STDOUT_FILENO)
        if view.isFinal { Output.line("") }
    }

    /// Why jobs failed, and where to look, for people.
    func explain(_ jobs: [JobView]) {
        guard Output.isTerminal, !options.json, !options.quiet else { return }
        for job in jobs where job.status == .failed {
            let name = job.json["files"]?.array?.first?["name"]?.string ?? job.id
            Output.message("\(Output.printable(name)) failed: \(Output.printable(job.remark))")
            if let cause = job.json["error"]?["cause"]?.string { Output.message("  \(Output.printable(cause))") }
            Output.message("What its steps printed: jobctl logs \(job.id)")
        }
    }
}
