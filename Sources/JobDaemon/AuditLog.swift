import Glibc
import JobAccess
import JobModel
import JobWire
import Logging
import NIOCore

/// The lines of the log that say who changed what, and who was refused.
struct AuditLog {
    /// The process at the other end of a connection.
    struct Peer: Hashable, Sendable {
        let uid: uid_t
        let pid: pid_t
    }

    /// A request, as far as its line says it.
    struct Entry: Sendable {
        let call: Call
        let caller: Caller?
        let door: Door
        let peer: Peer?
        /// Whose jobs he makes, as far as that is known.
        var owner: String?
        /// Whether an operator asks, or somebody who may open his socket.
        var isOperator = false

        /// Whether it has a line also when nobody wants to know everything.
        var isNoteworthy: Bool {
            // Who sends messages to webhooks does nothing else, and asks for them all the time.
            guard let method = call.method, door != .deliver else { return false }
            return method == .makeToken || isOperator && method.changesSomething
        }
    }

    /// What comes so often that it is counted: of one connection, by one caller.
    private struct Kind: Hashable {
        let method: Method
        let caller: Caller?
    }

    private final class Counted {
        let entry: Entry
        var count = 1

        init(entry: Entry) { self.entry = entry }
    }

    private let logger: Logger
    private let second: @Sendable () -> Int64
    private var counted: [ObjectIdentifier: [Kind: Counted]] = [:]
    private var budget = RefusalBudget()

    /// - Parameters:
    ///   - logger: Gets the lines.
    ///   - second: Now, on a clock that is never set.
    init(
        logger: Logger,
        second: @escaping @Sendable () -> Int64 = { Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000_000) }
    ) {
        self.logger = logger
        self.second = second
    }

    /// Notes a change, a token or, with `all`, any other request.
    ///
    /// - Returns: Whether ``tellCounted(of:)`` is to be called in a second.
    mutating func note(
        _ entry: Entry, _ result: String, of connection: ObjectIdentifier, all: Bool
    ) -> Bool {
        guard let method = entry.call.method else { return false }
        if result == ErrorCode.unauthorized.rawValue || result == ErrorCode.forbidden.rawValue {
            noteRefusal(entry, result)
            return false
        }
        guard entry.isNoteworthy || all else { return false }
        guard method.isCounted, result == "ok" else {
            write(entry, ["result": "\(result)"])
            return false
        }
        let kind = Kind(method: method, caller: entry.caller)
        if let known = counted[connection]?[kind] {
            known.count += 1
            return false
        }
        let isFirst = counted[connection] == nil
        counted[connection, default: [:]][kind] = Counted(entry: entry)
        return isFirst
    }

    /// Writes how often a connection has done what is counted, since the first time that was noted.
    mutating func tellCounted(of connection: ObjectIdentifier) {
        let counted = counted.removeValue(forKey: connection) ?? [:]
        for (_, kind) in counted.sorted(by: { $0.key.method.rawValue < $1.key.method.rawValue }) {
            write(kind.entry, ["result": "ok", "count": "\(kind.count)"])
        }
    }

    /// Notes what a front has refused by itself.
    mutating func note(_ report: RefusalReport, _ entry: Entry) {
        noteRefusal(entry, report.code.rawValue, of: report)
    }

    private mutating func noteRefusal(_ entry: Entry, _ result: String, of report: RefusalReport? = nil) {
        let (isTold, untold) = budget.take(in: second())
        if untold > 0 { logger.notice("audit: more were refused", metadata: ["count": "\(untold)"]) }
        guard isTold else { return }
        var fields: Logger.Metadata = ["result": "\(result)"]
        if let report {
            fields["method"] = "\(report.request)"
            if let job = report.jobId { fields["job"] = "\(job)" }
        }
        write(entry, fields)
    }

    private func write(_ entry: Entry, _ more: Logger.Metadata) {
        var fields = more
        if fields["method"] == nil { fields["method"] = "\(entry.call.method?.rawValue ?? "")" }
        let role = entry.caller?.role.rawValue ?? entry.door.rawValue
        if !role.isEmpty { fields["role"] = "\(role)" }
        if let owner = entry.owner ?? entry.caller?.owner { fields["owner"] = "\(owner)" }
        if let address = entry.caller?.address { fields["address"] = "\(address)" }
        if more["count"] == nil || more["count"] == "1", let job = entry.call.namedJob { fields["job"] = "\(job)" }
        if let peer = entry.peer { fields["uid"] = "\(peer.uid)"; fields["pid"] = "\(peer.pid)" }
        logger.notice("audit", metadata: fields)
    }
}

extension Method {
    /// Whether it is a change that somebody asks for: what a front does for him by itself is not one.
    fileprivate var changesSomething: Bool {
        switch self {
        case .reportFront, .reportUpload, .adoptFile, .appendFile, .adoptArtifact, .appendArtifact, .getUpload: false
        default: !right.isToRead
        }
    }

    /// Whether a program does it many times in a second: a line for each time would say no more than how often.
    fileprivate var isCounted: Bool { self == .createJob || right == .work }
}

extension Call {
    /// The job that it is about; nil for none, and for several.
    fileprivate var namedJob: JobID? {
        switch self {
        case .getJob(let id, _, _), .readLog(let id, _, _, _), .getArtifact(let id, _, _, _): id
        case .makeToken(let order): order.job
        case .command(let command):
            command.names.lazy.compactMap { if case .job(let id) = $0 { id } else { nil } }.first
        default: nil
        }
    }
}
