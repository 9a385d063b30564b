import ArgumentParser
import JSON
import JobModel
import JobWire

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a token: for an owner, for one job, or for an operator.",
        discussion: """
            Everybody who has a token can use it until it expires, so keep it secret. Send it as \
            "Authorization: Bearer TOKEN". A token whose only scope is read may also be in a URL, as ?token=TOKEN.

            Without --scope, a token for a job has the scope read, and one for an owner read, write and create.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Whose jobs: 1 to 128 characters of printable ASCII.")
    var owner: String?

    @Option(help: "The one job that it is for, whoever owns it.")
    var job: String?

    @Option(help: "The scopes, separated by commas: read, write, create, work, observe, operate.")
    var scope: String?

    @Option(
        name: .customLong("for"), help: "How long it is valid: 90s, 30m, 12h, 7d (default: 1h; for an operator 12h).")
    var span: String?

    @Flag(help: "For an operator: print a link that opens the dashboard, with the token in it.")
    var operate = false

    @Option(help: "The URL of the service for browsers; with --operate.")
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
