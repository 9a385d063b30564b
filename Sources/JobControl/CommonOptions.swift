import ArgumentParser
import Glibc

/// The options that every verb takes.
struct CommonOptions: ParsableArguments, Sendable {
    @Option(help: "The daemon's control socket (default: JOBD_SOCKET, else /run/jobd/jobd.sock).")
    var socket: String?

    @Flag(help: "Print JSON: one object, or one on each line.")
    var json = false

    @Flag(name: [.customShort("q"), .long], help: "Print ids only.")
    var quiet = false

    var socketPath: String { Self.socketPath(socket) }

    /// The control socket, where the command line names this one or none.
    static func socketPath(_ named: String?) -> String {
        named ?? getenv("JOBD_SOCKET").map { String(cString: $0) } ?? "/run/jobd/jobd.sock"
    }

    /// Takes the common options that stand before a verb behind it, where the parser looks for them.
    static func moveBehindVerb(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var common = takeCommon(from: &rest)
        var verbs = rest.prefix(1)
        rest = rest.dropFirst()
        if verbs == ["artifacts"] {
            // It has verbs of its own.
            common += takeCommon(from: &rest)
            verbs += rest.prefix(1)
            rest = rest.dropFirst()
        }
        // Behind what is not a verb, the parser would complain about them.
        guard let verb = verbs.first, Jobctl.verbs.contains(verb) else { return Array(verbs + rest) }
        return verbs + common + rest
    }

    private static func takeCommon(from rest: inout ArraySlice<String>) -> [String] {
        var common: [String] = []
        while let word = rest.first {
            let count: Int
            if word == "--socket" {
                count = 2
            } else if word.hasPrefix("--socket=") || ["--json", "-q", "--quiet"].contains(word) {
                count = 1
            } else {
                break
            }
            common += rest.prefix(count)
            rest = rest.dropFirst(count)
        }
        return common
    }
}
