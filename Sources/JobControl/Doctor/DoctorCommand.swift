import ArgumentParser
import JSON
import JobModel
import JobWire

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check this installation, and say how to fix each problem.",
        discussion: """
            Checks the socket, the daemon, its disk, its limits, the programs of its pipelines, the clock and nginx. \
            With --url it also opens an event stream and a WebSocket through the web server, with curl, and reports whether \
            the stream is delayed, cut off or compressed. For that it creates a job, and removes it. Run it as root: other \
            users cannot check everything.

            The exit code is 0 if nothing is wrong, and 1 otherwise.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "The URL of the web server for browsers, such as https://jobs.example.com.")
    var url: String?

    @Option(help: "How many seconds to watch the stream; it sends a line every 15 seconds.")
    var seconds = 20.0

    func validate() throws {
        guard url.map({ $0.hasPrefix("http://") || $0.hasPrefix("https://") }) ?? true else {
            throw ValidationError("--url begins with http:// or https://.")
        }
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds is from 1 to 600.") }
    }

    func run() async throws {
        var wrong = 0
        var all: [Finding] = []
        func tell(_ findings: [Finding]) {
            all += findings
            wrong += findings.count { $0.state == .problem }
            guard !common.json else { return }
            for finding in findings where !common.quiet || finding.state == .problem {
                for line in finding.lines { Output.line(line) }
            }
        }
        let socket = SocketCheck(path: common.socketPath)
        tell(socket.findings())
        do {
            try await Session.with(common, through: .admin) { session in
                // systemd takes a connection also where nobody answers it.
                let seen = try await Self.look(session)
                tell([.ok("daemon", "It answers on \(common.socketPath).")])
                tell(try await DaemonChecks(session: session, seen: seen).findings())
                tell(ClockCheck.findings(daemon: seen["now"]?.string, newest: try await Self.newest(session)))
                tell(await NginxChecks(fastCGISocket: seen["fastCGISocket"]?.string).findings())
                if let url {
                    tell(await SiteChecks(url: url, seconds: seconds, session: session).findings())
                } else {
                    tell([.note("site", "It was not checked.", "Pass --url to check the way through the web server.")])
                }
            }
        } catch let exit as Exit {
            tell([.problem("daemon", exit.message ?? "It does not answer.", socket.advice(for: exit))])
        }
        if common.json {
            Output.json(["findings": .array(all.map(\.json)), "problems": JSONValue(wrong)])
        } else if !common.quiet {
            Output.line(wrong == 0 ? "Nothing is wrong." : "\(wrong) \(wrong == 1 ? "problem" : "problems").")
        }
        if wrong > 0 { throw Exit(code: Exit.failure, message: nil) }
    }

    /// A front that has just connected reports within a second.
    private static func look(_ session: Session) async throws -> JSONValue {
        let seen = try await session.call(.inspectServer)
        guard seen["fronts"] == 0 else { return seen }
        try await Task.sleep(for: .milliseconds(1500))
        return try await session.call(.inspectServer)
    }

    private static func newest(_ session: Session) async throws -> String? {
        try await session.call(.listJobs, ["limit": 1])["jobs"]?.array?.first?["createdAt"]?.string
    }
}
