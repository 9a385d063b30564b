import JSON
import JobWire

/// What a browser gets through the web server: jobd's routes, then streams, a WebSocket and uploads.
///
/// curl asks, because it speaks whatever the site does: TLS, HTTP/2.
struct SiteChecks {
    /// What an answer may take at all.
    private static let patience = Duration.seconds(10)

    let url: String
    let seconds: Double
    let session: Session

    private var base: String { url.hasSuffix("/") ? String(url.dropLast()) : url }

    func findings() async -> [Finding] {
        let id: String
        do {
            // The daemon makes an id that nobody can guess: under another one, nobody may read the job.
            let made = try await session.call(.createJob, ["jobType": "doctor"])
            id = made["job"]?["jobId"]?.string ?? ""
        } catch {
            return [.problem("site", "\((error as? Exit)?.message ?? "\(error)")", "Fix the daemon first.")]
        }
        let findings = await look(at: id)
        _ = try? await session.call(.cancelJob, ["jobId": .string(id)])
        _ = try? await session.call(.deleteJob, ["jobId": .string(id)])
        return findings
    }

    /// With a job that exists, so that its answer cannot be anybody else's.
    private func look(at id: String) async -> [Finding] {
        guard let answer = await ask("/api/jobs/\(id)") else {
            return [
                .problem(
                    "site", "curl is missing, so \(base) was not checked.",
                    "Install curl (apt-get install curl), and run the doctor again.")
            ]
        }
        let knowsRoutes = answer.body.contains(id)
        var findings = Self.judge(answer, base, knowsRoutes: knowsRoutes)
        guard answer.status != nil, !(500...599 ~= (answer.status ?? 0)) else { return findings }
        let own = OwnAddresses(ask: ask)
        guard answer.status != 401 else { return findings }
        guard knowsRoutes else {
            findings += await own.hidden(by: .jobs) + own.hidden(by: .operators)
            return findings
        }
        if await ask("/api/openapi.json")?.body.filter({ !$0.isWhitespace }).contains("\"title\":\"jobd\"") == true {
            findings += await compression()
        } else {
            findings.append(
                .note(
                    "site", "It has no dashboard, metrics and health of jobd.",
                    "Add include jobd_operator_locations; after jobd_locations, or to a server for operators."))
            findings += await own.hidden(by: .operators)
        }
        guard !findings.contains(where: { $0.state == .problem }) else { return findings }
        do {
            let stream = StreamCheck(base: base, seconds: seconds, patience: Self.patience, session: session)
            findings += try await stream.findings(of: id)
            guard !findings.contains(where: { $0.state == .problem }) else { return findings }
            findings += await WebSocketCheck(base: base).findings()
            findings += await UploadCheck(base: base, patience: Self.patience).findings()
        } catch {
            findings.append(
                .problem("stream", "\((error as? Exit)?.message ?? "\(error)")", "Fix the daemon first."))
        }
        return findings
    }

    @Sendable private func ask(_ path: String) async -> SiteAnswer? { await ask(path, headers: []) }

    private func ask(_ path: String, headers: [String]) async -> SiteAnswer? {
        let arguments = ["curl", "-q", "-sS", "-i", "-N"] + headers.flatMap { ["-H", $0] } + ["--", base + path]
        guard let curl = LineProgram(arguments) else { return nil }
        return await SiteAnswer.read(from: curl, within: Self.patience)
    }

    private static func judge(_ answer: SiteAnswer, _ base: String, knowsRoutes: Bool) -> [Finding] {
        switch answer.status {
        case 200 where knowsRoutes: break
        case nil:
            return [
                .problem(
                    "site", "\(base) does not answer: \(answer.trouble)", "Check that the web server runs (nginx -t)."
                )
            ]
        case 301, 302, 307, 308:
            let place = answer.headers["location"] ?? "another place"
            return [.problem("site", "\(base) redirects to \(place).", "Pass that URL with --url.")]
        case 200, 404:
            return [
                .problem(
                    "site", "\(base) does not know jobd's routes.", "Add include jobd_locations; to its server { }.")
            ]
        case 401:
            return [
                .note(
                    "site", "\(base) requires authentication (401), so nothing else was checked.",
                    "Pass a URL that does not require it, or check with a page of your site.")
            ]
        case 502, 503, 504:
            return [
                .problem(
                    "site", "\(base) answers \(answer.status ?? 0): the fronts or the daemon do not answer.",
                    "systemctl status jobd.target; the error log of nginx says more.")
            ]
        case let status?:
            return [.problem("site", "\(base) answers \(status).", "Look at the error log of the web server.")]
        }
        switch answer.version {
        case "1.0":
            return [
                .problem(
                    "site", "It answers with HTTP/1.0, in which a client cannot see that a stream was cut off.",
                    "Let every proxy on the way speak HTTP/1.1 (proxy_http_version 1.1).")
            ]
        case "1.1":
            return [
                .note(
                    "site", "It answers with HTTP/1.1: a browser opens at most six connections to it, so six streams.",
                    "Turn on HTTP/2 where TLS ends (http2 on;), or show several jobs in one stream.")
            ]
        default: return [.ok("site", "\(base) has jobd's routes, and answers with HTTP/\(answer.version).")]
        }
    }

    private func compression() async -> [Finding] {
        guard let document = await ask("/api/openapi.json", headers: ["Accept-Encoding: gzip"]) else { return [] }
        if document.headers["content-encoding"] != nil { return [.ok("compression", "Large answers are compressed.")] }
        return [.note("compression", "Large answers are not compressed.", "Set gzip on; for application/json.")]
    }
}
