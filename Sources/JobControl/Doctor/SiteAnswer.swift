/// What a site answered to curl.
struct SiteAnswer: Sendable {
    /// Nil when there was no answer.
    var status: Int?
    /// `1.1`, `2`.
    var version = ""
    /// By their names in lower case.
    var headers: [String: String] = [:]
    /// What curl said instead.
    var trouble = ""

    /// A whole answer.
    static func read(from curl: LineProgram, within patience: Duration) async -> SiteAnswer {
        let deadline = ContinuousClock.now + patience
        guard let head = await readHead(from: curl, within: patience) else {
            return SiteAnswer(trouble: "it took longer than \(patience).")
        }
        while case .line = await curl.next(within: deadline - .now) {}
        return head
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
