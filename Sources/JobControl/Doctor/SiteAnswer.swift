/// What a site answered to curl.
struct SiteAnswer: Hashable, Sendable {
    /// What is kept of a body.
    private static let bodyBytes = 64 * 1024

    /// Nil when there was no answer.
    var status: Int?
    /// `1.1`, `2`.
    var version = ""
    /// By their names in lower case.
    var headers: [String: String] = [:]
    /// What curl said instead.
    var trouble = ""
    /// The beginning of what came behind the headers.
    var body = ""

    /// A whole answer.
    static func read(from curl: LineProgram, within patience: Duration) async -> SiteAnswer {
        let deadline = ContinuousClock.now + patience
        guard var answer = await readHead(from: curl, within: patience) else {
            return SiteAnswer(trouble: "it took longer than \(patience).")
        }
        while case .line(let line) = await curl.next(within: deadline - .now) {
            if answer.body.utf8.count < bodyBytes { answer.body += line + "\n" }
        }
        return answer
    }

    /// The status and the headers; nil when they do not come in time.
    static func readHead(from curl: LineProgram, within patience: Duration) async -> SiteAnswer? {
        let deadline = ContinuousClock.now + patience
        var answer = SiteAnswer()
        while true {
            switch await curl.next(within: deadline - .now) {
            case .silence: return nil
            case .end: return answer
            case .line(""): return answer
            case .line(let line): answer.add(line)
            }
        }
    }

    private mutating func add(_ line: String) {
        if line.hasPrefix("HTTP/") {
            let words = line.dropFirst("HTTP/".count).split(separator: " ")
            version = words.first.map(String.init) ?? ""
            status = words.dropFirst().first.flatMap { Int($0) }
        } else if let colon = line.firstIndex(of: ":"), status != nil {
            headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        } else {
            trouble += line
        }
    }
}
