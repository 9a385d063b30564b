/// Where everything is, and what to try first.
struct Welcome {
    let url: LocalURL
    /// The control socket, for whoever wants to use `jobctl`.
    let socket: String
    /// Whether the page at `/` is the developer's, and not the demo.
    let hasPages: Bool
    let hasDocumentation: Bool

    /// On standard error: standard output has one line, for programs.
    func say() {
        if hasPages { Message.write("your pages \(url)/") }
        Message.write("demo       \(url)/\(hasPages ? "demo/" : "")")
        Message.write("dashboard  \(url)/jobs/")
        if hasDocumentation { Message.write("docs       \(url)/docs/") }
        Message.write("API        \(url)/api/openapi.json")
        Message.write("Drop a file on the demo page, or use jobctl in another terminal:")
        Message.line("    export JOBD_SOCKET=\(Self.shellWord(socket))\n    jobctl submit --follow FILE")
        Message.write("Ctrl-C ends it.")
    }

    /// A word as a shell takes it.
    static func shellWord(_ text: String) -> String {
        let plain = text.utf8.allSatisfy {
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "/._-".utf8.contains($0)
        }
        return plain ? text : "'\(text.replacing("'", with: "'\\''"))'"
    }
}
