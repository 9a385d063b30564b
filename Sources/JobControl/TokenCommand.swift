import ArgumentParser
import JSON
import JobModel
import JobWire

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a token: for an owner, for one job, or for an operator.",
        discussion: """
            Whoever has it may do what it says until it ends, so it is a secret. A page or a program sends it as \
            "Authorization: Bearer TOKEN"; one with the scope read alone may stand in an address, as ?token=TOKEN.

            Without --scope, a token for a job is for reading it, and one for an owner for reading, changing and creating.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Whose jobs: 1 to 128 characters of printable ASCII.")
    var owner: String?

    @Option(help: "The one job that it is for, whoever owns it.")
    var job: String?

    @Option(help: "What it is for: read, write, create, work, observe, operate; with commas between.")
    var scope: String?

    @Option(
        name: .customLong("for"), help: "How long it is valid: 90s, 30m, 12h, 7d (default: 1h; of an operator 12h).")
    var span: String?

    @Flag(help: "For an operator: print a link to the dashboard that has the token in it.")
    var operate = false

    @Option(help: "Where the service is, as browsers see it; with --operate.")
    var url = "http://localhost"

    func validate() throws {
        guard !operate || scope == nil && job == nil else {
            throw ValidationError("--operate says already what the token is for; leave --scope and --job out.")
        }
        guard operate || owner != nil || job != nil || scope != nil else {
            throw ValidationError("Say what it is for: --owner, --job, --scope or --operate.")
        }
        guard span.map({ Self.seconds($0) != nil }) ?? true else {
            throw ValidationError("--for is a number with s, m, h or d behind it, such as 12h.")
        }
    }

    func run() async throws {
        var params = JSONObject()
        params["owner"] = owner.map(JSONValue.string)
        params["job"] = job.map(JSONValue.string)
        let words = operate ? "operate" : scope
        params["scope"] = words.map { .array($0.split(separator: ",").map { .string(String($0)) }) }
        params["seconds"] = (span.flatMap(Self.seconds) ?? (operate ? 12 * 3600 : nil)).map { JSONValue($0) }
        let result = try await Session.with(common, through: .admin) { [params] in
            try await $0.call(.makeToken, params)
        }
        let token = result["token"]?.string ?? ""
        let link = "\(url.hasSuffix("/") ? String(url.dropLast()) : url)/jobs/#token=\(token)"
        if common.json {
            var json = result.object ?? JSONObject()
            if operate { json["link"] = .string(link) }
            return Output.json(.object(json))
        }
        Output.line(operate ? link : token)
    }

    private static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()), number > 0 else {
            return nil
        }
        let (seconds, isTooLarge) = number.multipliedReportingOverflow(by: unit)
        return isTooLarge ? nil : seconds
    }
}
