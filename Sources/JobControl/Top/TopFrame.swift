import JSON
import JobModel
import JobWire

/// One picture of the service, as lines.
struct TopFrame {
    private let state: TopState

    init(_ state: TopState) {
        self.state = state
    }

    /// At most so many lines of so many characters.
    func lines(width: Int, height: Int) -> [String] {
        let jobs = JobTable(jobs: state.jobs).lines
        return (summary + [""] + queues + [""] + jobs).prefix(height).map { Self.fitted($0, to: width) }
    }

    static func fitted(_ line: String, to width: Int) -> String {
        line.count > width ? String(line.prefix(width)) : line
    }

    private var summary: [String] {
        let counts = (state.stats["counts"]?.object?.members ?? []).map { "\($0.key) \(Self.text($0.value))" }
        let uptime = Self.span(seconds: state.status["uptimeSeconds"]?.integer ?? 0)
        let minute = state.stats["minutes"]?.array?.dropLast().last
        let last = ["created", "completed", "failed", "cancelled"].map { "\($0) \(Self.text(minute?[$0]))" }
        let free = Size.text(state.stats["storage"]?["freeBytes"]?.integer ?? 0)
        let isWritable = state.status["storage"]?["writable"] != false
        return [
            "jobd \(Output.printable(state.status["version"]?.string ?? "")), up \(uptime)"
                + (state.status["draining"] == true ? ", stopping" : "") + (isWritable ? "" : ", CANNOT STORE CHANGES"),
            "Jobs: \(counts.joined(separator: ", "))",
            "Last whole minute: \(last.joined(separator: ", ")); wait p95 \(Self.span(minute, "waitMs")), "
                + "run p95 \(Self.span(minute, "runMs"))",
            "Streams \(Self.text(state.stats["streams"])), connections \(Self.text(state.status["connections"])), "
                + "\(free) free",
        ]
    }

    private var queues: [String] {
        let rows = (state.stats["queues"]?.array ?? []).map { queue in
            [
                Output.printable(queue["name"]?.string ?? ""), Self.text(queue["running"]), Self.text(queue["width"]),
                Self.text(queue["queued"]), queue["paused"] == true ? "paused" : "",
            ]
        }
        return Output.aligned([["QUEUE", "RUNNING", "WIDTH", "QUEUED", ""]] + rows)
    }

    private static func text(_ value: JSONValue?) -> String { value.map { JSONText($0).text } ?? "0" }

    private static func span(_ minute: JSONValue?, _ key: String) -> String {
        minute?[key]?["p95"]?.integer.map { "\($0) ms" } ?? "-"
    }

    /// In its two largest units.
    static func span(seconds: Int64) -> String {
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s"),
        ]
        let relevant = parts.drop { $0.0 == 0 }.prefix(2)
        return relevant.isEmpty ? "0 s" : relevant.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}

/// Jobs as rows.
private struct JobTable {
    let jobs: [JSONValue]

    var lines: [String] {
        let now = Timestamp.now
        let rows = jobs.map { job -> [String] in
            let view = JobView(json: job)
            let since = (job["startedAt"]?.string ?? job["createdAt"]?.string).flatMap { Timestamp($0) }
            let age = since.map { max(0, (now.milliseconds - $0.milliseconds) / 1000) } ?? 0
            return [
                view.id, job["status"]?.string ?? "", view.percent, TopFrame.span(seconds: age),
                Output.printable(view.fileName), Output.printable(view.remark),
            ]
        }
        return Output.aligned([["JOB", "STATE", "", "SINCE", "FILE", ""]] + rows)
    }
}
