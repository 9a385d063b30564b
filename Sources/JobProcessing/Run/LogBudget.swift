import JobModel

/// Bounds what a run adds to its job's log: the beginning goes through, the end is kept, and the cut between them is
/// marked.
struct LogBudget {
    static let headLines = 5000
    static let headBytes = 512 * 1024
    static let tailLines = 500
    /// From here on, the runs of a job keep only the last ``shortTailLines`` of theirs.
    static let longLog = 10_000
    static let shortTailLines = 20

    private let maximumTailLines: Int
    private var headIsFull: Bool
    private var hasSaidSo = false
    private var lines = 0
    private var bytes = 0
    private var tail: [LogLine] = []
    private var oldest = 0
    private var dropped = 0

    /// - Parameter earlierLines: How many lines the job's log has from earlier runs.
    init(earlierLines: Int64 = 0) {
        headIsFull = earlierLines >= Self.longLog
        maximumTailLines = headIsFull ? Self.shortTailLines : Self.tailLines
    }

    /// Takes a line; returns what goes through now: the line, or once, instead of the first that does not, a line that says
    /// that more are held back.
    mutating func take(_ line: LogLine) -> LogLine? {
        let byteCount = bytes + line.text.utf8.count
        headIsFull = headIsFull || lines == Self.headLines || byteCount > Self.headBytes
        if !headIsFull {
            lines += 1
            bytes = byteCount
            return line
        }
        if tail.count < maximumTailLines {
            tail.append(line)
        } else {
            tail[oldest] = line
            oldest = (oldest + 1) % maximumTailLines
            dropped += 1
        }
        if hasSaidSo { return nil }
        hasSaidSo = true
        let text = "… the log is long: the last \(maximumTailLines) lines follow when the attempt ends …"
        return LogLine(at: line.at, step: line.step, stream: "jobd", text: text)
    }

    /// The end of the log, after a line that says what was left out.
    mutating func finish(at now: Timestamp, step: String) -> [LogLine] {
        let end = Array(tail[oldest...] + tail[..<oldest])
        tail = []
        oldest = 0
        guard dropped > 0 else { return end }
        return [LogLine(at: now, step: step, stream: "jobd", text: "… \(dropped) lines were left out …")] + end
    }
}
