/// Whether the web server lets resumable uploads through: their methods, their headers and their bytes.
struct UploadCheck {
    /// Without the slash at its end.
    let base: String
    /// What an answer may take.
    let patience: Duration

    /// Makes a small upload, and removes it again.
    func findings() async -> [Finding] {
        guard let made = await ask("POST", "/api/uploads", ["Upload-Length: 3"]) else { return [] }
        switch made.status {
        case 201: break
        case 401:
            return [.note("uploads", "Anonymous callers may not upload here, so resumable uploads were not checked.")]
        case 404, 405:
            return [
                .problem(
                    "uploads", "It does not know /api/uploads.",
                    "Replace jobd_locations by the one of this version, and reload the web server.")
            ]
        default: return [refused("POST", made)]
        }
        guard let path = Self.path(made.headers["location"]) else {
            return [
                .problem(
                    "uploads", "The header Location of an upload is missing.",
                    "Let all proxies pass the header Location.")
            ]
        }
        let findings = await send(to: path)
        let removed = await ask("DELETE", path, [])
        guard findings.isEmpty else { return findings }
        guard removed?.status == 204 else { return [refused("DELETE", removed)] }
        return [.ok("uploads", "A file was uploaded in two pieces, and removed again.")]
    }

    /// What is wrong with sending pieces and asking how much has come.
    private func send(to path: String) async -> [Finding] {
        for (offset, piece) in [(0, "a"), (1, "bc")] {
            let told = await ask("HEAD", path, [])
            guard told?.status == 200 else { return [refused("HEAD", told)] }
            guard told?.headers["upload-offset"] == String(offset) else {
                let answered = told?.headers["upload-offset"] ?? "nothing"
                return [
                    .problem(
                        "uploads", "Asked for the offset of an upload, it answers \(answered).",
                        "Let no proxy cache these answers, or remove Upload-Offset.")
                ]
            }
            let headers = ["Upload-Offset: \(offset)", "Content-Type: application/offset+octet-stream"]
            let sent = await ask("PATCH", path, headers, piece)
            guard sent?.status == 204 else { return [refused("PATCH", sent)] }
        }
        return []
    }

    private func refused(_ method: String, _ answer: SiteAnswer?) -> Finding {
        let answered = answer?.status.map { "answers \($0) to" } ?? "does not answer"
        return .problem(
            "uploads", "It \(answered) \(method) below /api/uploads, so uploads cannot be resumed.",
            "Let all proxies pass HEAD, PATCH and DELETE; the error log of the web server says more.")
    }

    private func ask(_ method: String, _ path: String, _ headers: [String], _ body: String = "") async -> SiteAnswer? {
        var words = ["curl", "-q", "-sS", "-i"]
        words += method == "HEAD" ? ["-I"] : ["-X", method, "--data-binary", body]
        for header in headers + ["Tus-Resumable: 1.0.0"] { words += ["-H", header] }
        guard let curl = LineProgram(words + ["--", base + path]) else { return nil }
        return await SiteAnswer.read(from: curl, within: patience)
    }

    /// The path of an address, which may be whole.
    private static func path(_ location: String?) -> String? {
        guard let location, let start = location.firstRange(of: "/api/uploads/") else { return nil }
        return String(location[start.lowerBound...])
    }
}
