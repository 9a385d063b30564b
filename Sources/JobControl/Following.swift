import Glibc
import JSON
import JobModel
import JobWire
import NIOCore

/// Follows jobs to their ends, across restarts of the daemon.
struct Following {
    /// How long a daemon that went away is waited for.
    private static let patience: Duration = .seconds(60)

    let options: CommonOptions
    let timeout: Duration?

    /// Calls `show` with each state of each job, versions rising, and returns the final states in the order of the ids.
    ///
    /// - Throws: ``Exit`` when an id does not exist, a job is deleted meanwhile, or the time runs out.
    func run(_ ids: [String], show: @escaping @Sendable (JobView) -> Void) async throws -> [JobView] {
        try await withThrowingTaskGroup(of: [JobView].self) { group in
            group.addTask { try await follow(ids, show: show) }
            if let timeout {
                group.addTask {
                    try await Task.sleep(for: timeout)
                    throw Exit(code: Exit.timeout, message: "jobctl: not done after \(Span.text(timeout)).")
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }

    private func follow(_ ids: [String], show: @Sendable (JobView) -> Void) async throws -> [JobView] {
        let notice = HoldNotice(isWanted: !options.json && !options.quiet && isatty(STDERR_FILENO) == 1)
        var states: [String: JobView] = [:]
        var lastSeen = ContinuousClock.now
        while true {
            do {
                try await watch(ids, states: &states, show: show, notice)
                return ids.compactMap { states[$0] }
            } catch is Session.ConnectionLost {
                lastSeen = .now
            } catch let exit as Exit
                where exit.code == Exit.unreachable && !states.isEmpty
                && ContinuousClock.now - lastSeen < Self.patience
            {
                // The daemon is being restarted.
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func watch(
        _ ids: [String], states: inout [String: JobView], show: @Sendable (JobView) -> Void, _ notice: HoldNotice
    ) async throws {
        let (news, continuation) = AsyncStream.makeStream(of: News.self)
        try await Session.with(options, onNotification: { continuation.yield(News($0, $1)) }) { session in
            for id in ids {
                let view = JobView(json: try await session.call(.getJob, ["jobId": .string(id)]))
                take(view, into: &states, show: show)
            }
            let since = states.map { JSONObject.Member(key: $0.key, value: JSONValue($0.value.version)) }
            let result = try await session.call(
                .watchJobs, ["jobIds": .array(ids.map(JSONValue.string)), "since": .object(JSONObject(since))])
            for json in result["jobs"]?.array ?? [] { take(JobView(json: json), into: &states, show: show) }
            if ids.allSatisfy({ states[$0]?.isFinal ?? false }) { return }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await session.waitForEnd()
                    continuation.finish()
                }
                group.addTask { try await notice.tell(of: ids, over: session) }
                defer {
                    group.cancelAll()
                    // What ends the first task, which cannot be cancelled.
                    session.close()
                }
                for await item in news {
                    switch item {
                    case .changed(let view): take(view, into: &states, show: show)
                    case .gone(let id): throw Exit(code: 4, message: "jobctl: the job \(id) was deleted.")
                    // The watch has ended: as with a new connection, everything is asked anew.
                    case .lagged: throw Session.ConnectionLost()
                    }
                    if ids.allSatisfy({ states[$0]?.isFinal ?? false }) { return }
                }
                throw Session.ConnectionLost()
            }
        }
    }

    private func take(_ view: JobView, into states: inout [String: JobView], show: (JobView) -> Void) {
        if let known = states[view.id], known.version >= view.version { return }
        states[view.id] = view
        show(view)
    }

    private enum News: Sendable {
        case changed(JobView)
        case gone(String)
        case lagged

        init(_ notification: Notification, _ params: ByteBuffer) {
            let json = (try? JSONValue.parse(params.readableBytesView)) ?? .null
            switch notification {
            case .changed: self = .changed(JobView(json: json["job"] ?? .null))
            case .gone: self = .gone(json["jobId"]?.string ?? "")
            case .lagged: self = .lagged
            }
        }
    }
}
