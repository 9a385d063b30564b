/// Whether a WebSocket opens through the web server.
struct WebSocketCheck {
    /// What an answer may take.
    private static let patience = Duration.seconds(10)
    private static let path = "/api/jobd/socket"

    /// The site, without a slash at its end.
    let base: String

    func findings() async -> [Finding] {
        let headers = [
            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: jobd.1",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        let arguments =
            ["curl", "-q", "-sS", "-i", "-N", "--http1.1", "--max-time", "3"] + headers.flatMap { ["-H", $0] } + [
                "--", base + Self.path,
            ]
        // curl shows the head with the first frame, or at its end.
        guard let curl = LineProgram(arguments) else { return [] }
        return [Self.judge(await SiteAnswer.readHead(from: curl, within: Self.patience))]
    }

    /// Nil where no answer came in time.
    static func judge(_ answer: SiteAnswer?) -> Finding {
        switch answer?.status {
        case 101: .ok("websocket", "A WebSocket opens.")
        case 400, 426:
            .problem(
                "websocket", "The web server, or a proxy before it, does not pass WebSockets on.",
                "Let each of them use HTTP/1.1, and pass on the headers that jobd_locations passes on.")
        case 404:
            .note(
                "websocket", "It does not know \(path).",
                "If you use WebSockets, copy its location from the shipped jobd_locations.")
        case 502, 503, 504:
            .problem(
                "websocket", "No front accepts WebSockets.",
                "systemctl start jobd-websocket.socket, and restart the fronts (systemctl restart jobd-fastcgi.target)."
            )
        case let status?:
            .problem("websocket", "\(path) answers \(status).", "Look at the error log of the web server.")
        case nil:
            .problem(
                "websocket", "\(path) does not answer. \(answer?.trouble ?? "")",
                "Look at the error log of the web server.")
        }
    }
}
