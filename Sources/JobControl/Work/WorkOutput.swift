import JSON
import JobModel
import Synchronization

/// What a program has said and nobody has told the daemon yet.
final class WorkOutput: Sendable {
    /// Lines that wait, at most; then the program waits.
    private static let limit = 1000

    fileprivate struct State {
        var lines: [JSONValue] = []
        var progress: Double?
        var message: String?
        var result = JSONObject()
        var error: String?
        var retryAfter: Duration?
        var mediaTypes: [String: String] = [:]
        /// The last lines that it complained of.
        var complaints: [String] = []
        /// Whether nobody will ask for news any more.
        var isOver = false
    }

    private let state = Mutex(State())

    /// Whether what the program says has to wait.
    var isFull: Bool { state.withLock { !$0.isOver && $0.lines.count >= Self.limit } }

    /// From now on what the program says is dropped, so that it waits for nobody.
    func end() {
        state.withLock { state in
            state.isOver = true
            state.lines = []
        }
    }

    /// Takes a line that was printed.
    func print(_ line: String, to stream: Update.Line.Stream) {
        state.withLock { state in
            state.add(line, to: stream)
            guard stream == .stderr else { return }
            state.complaints = state.complaints.suffix(20) + [line]
        }
    }

    /// Takes a line of the reports.
    func report(_ line: String) {
        state.withLock { state in
            switch StepWord(line) {
            case .progress(let percent, let message):
                state.progress = percent
                state.message = message ?? state.message
            case .result(let key, let value): state.result[key] = value
            case .artifact(let name, let mediaType): state.mediaTypes[name.description] = mediaType
            case .warning(let text): state.add("warning: \(text)", to: .stderr)
            case .error(let text): state.error = text
            case .retryAfter(let delay): state.retryAfter = delay
            case .misread(let line, let usage): state.add("\(line) is not \(usage)", to: .stderr)
            case .line(let text): state.add(text, to: .stdout)
            }
        }
    }

    /// What is new, for a report; nil when nothing is.
    func takeNews() -> JSONObject? {
        state.withLock { state in
            guard !state.lines.isEmpty || state.progress != nil || state.message != nil else { return nil }
            var news = JSONObject()
            // A line may have 8 KiB, and a request 2 MiB.
            let lines = state.lines.prefix(Limits.reportLines)
            if !lines.isEmpty { news["lines"] = .array(Array(lines)) }
            state.lines.removeFirst(lines.count)
            news["progress"] = state.progress.map { JSONValue($0) }
            news["message"] = state.message.map(JSONValue.string)
            (state.progress, state.message) = (nil, nil)
            return news
        }
    }

    var result: JSONObject { state.withLock { $0.result } }

    var retryAfter: Duration? { state.withLock { $0.retryAfter } }

    /// The sentence that the program gave people for its failure.
    var error: String? { state.withLock { $0.error } }

    var cause: String? { state.withLock { Text.cause($0.complaints) } }

    func mediaType(of name: String) -> String? { state.withLock { $0.mediaTypes[name] } }
}

extension WorkOutput.State {
    fileprivate mutating func add(_ line: String, to stream: Update.Line.Stream) {
        guard !isOver else { return }
        let bytes =
            line.utf8.count <= Limits.lineBytes ? line : String(line.unicodeScalars.prefix(Limits.lineBytes / 4))
        lines.append(
            ["stream": .string(stream.rawValue), "text": .string(bytes.replacing("\0", with: "\u{FFFD}"))])
    }
}
