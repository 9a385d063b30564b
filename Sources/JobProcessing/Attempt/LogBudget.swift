import JobModel

/// Bounds an attempt's log: the beginning goes through, the end is kept, and the cut between them is marked.
struct LogBudget {
    static let headLines = 5000
    static let headBytes = 512 * 1024
    static let tailLines = 500

    private var lines = 0
    private var bytes = 0
    private var tail: [LogLine] = []
    private var oldest = 0
    private var dropped = 0

    /// Takes a line; returns it when it goes through now.
    mutating func take(_ line: LogLine) -> LogLine? {
        if lines < Self.headLines, bytes + line.text.utf8.count <= Self.headBytes {
            lines += 1
            bytes += line.text.utf8.count
            return line
        }
        lines = Self.headLines
        if tail.count < Self.tailLines {
            tail.append(line)
        } else {
            tail[oldest] = line
            oldest = (oldest + 1) % Self.tailLines
            dropped += 1
        }
        return nil
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
