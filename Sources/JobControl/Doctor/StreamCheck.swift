import JSON
import JobWire

/// Whether the events of a stream come through the web server at once, and how long a stream stays open.
struct StreamCheck {
    /// What an event may take through a web server that passes it on at once.
    private static let promptness = Duration.seconds(5)

    /// Without the slash at its end.
    let base: String
    /// How long the stream must stay open.
    let seconds: Double
    /// What an answer may take.
    let patience: Duration
    let session: Session

    /// Reports progress on a job that the application runs, and looks when the stream tells it.
    func findings(of id: String) async throws -> [Finding] {
        let address = "\(base)/api/jobs/\(id)/stream"
        let arguments = ["curl", "-q", "-sS", "-i", "-N", "-H", "Accept-Encoding: gzip", "--", address]
        guard let curl = LineProgram(arguments) else { return [] }
        let begun = ContinuousClock.now
        let buffering = Finding.problem(
            "stream", "Its events come late: a proxy collects them.",
            "Pass X-Accel-Buffering on, or set fastcgi_buffering off (in a proxy: proxy_buffering off).")
        // curl shows the head together with the first event.
        guard let head = await SiteAnswer.readHead(from: curl, within: patience) else { return [buffering] }
        guard head.status == 200 else {
            return [
                .problem("stream", "It is not opened.", "Look at the error log of the web server: \(address).")
            ]
        }
        if let encoding = head.headers["content-encoding"] {
            return [
                .problem(
                    "stream", "It is compressed (\(encoding)), which delays events.",
                    "Take text/event-stream out of gzip_types.")
            ]
        }
        guard await event(1, in: curl) else { return [buffering] }
        var findings = [Finding]()
        let told = ContinuousClock.now
        _ = try await session.call(.updateJob, ["jobId": .string(id), "progress": 50])
        guard await event(2, in: curl) else { return [buffering] }
        let took = (ContinuousClock.now - told) / .milliseconds(1)
        findings.append(.ok("stream", "An event comes after \(Int(took.rounded(.up))) ms."))
        // It must stay open, and still carry events at the end.
        let end = begun + .seconds(seconds)
        while ContinuousClock.now < end {
            guard await curl.next(within: end - .now) != .end else {
                let lived = Int((ContinuousClock.now - begun) / .seconds(1))
                return findings + [
                    .problem(
                        "stream", "It was cut off after \(lived) s.",
                        "Set fastcgi_read_timeout (in a proxy: proxy_read_timeout) to 75 s; a line comes every 15 s."
                    )
                ]
            }
        }
        _ = try await session.call(.updateJob, ["jobId": .string(id), "progress": 60])
        guard await event(3, in: curl) else { return findings + [buffering] }
        return findings + [.ok("stream", "It was still open after \(Int(seconds)) s.")]
    }

    /// Whether the event of a version comes in time.
    private func event(_ version: Int, in stream: LineProgram) async -> Bool {
        let deadline = ContinuousClock.now + Self.promptness
        while case .line(let line) = await stream.next(within: deadline - .now) {
            if line == "id: \(version)" { return true }
        }
        return false
    }
}
