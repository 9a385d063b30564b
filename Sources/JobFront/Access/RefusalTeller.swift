import JSON
import JobAccess
import JobModel
import JobWire
import NIOCore
import Synchronization

/// Tells the daemon, which keeps the log, whom the gates have refused for want of a right: a few in each second.
final class RefusalTeller: Sendable {
    private let link: NIOLoopBound<DaemonLink>
    private let budget = Mutex(RefusalBudget())

    init(link: NIOLoopBound<DaemonLink>) { self.link = link }

    /// From any thread.
    func tell(_ refusal: Refusal, of request: HTTPRequest, for route: Route?, in context: Context) {
        let isOfJob = route?.pattern.text.hasPrefix("/api/jobs/{") ?? false
        tell(
            refusal, asking: route.map { "\($0.method.rawValue) \($0.pattern.text)" } ?? "none",
            of: isOfJob ? JobID(request.path["id"]) : nil, by: context.caller)
    }

    /// The same of what was asked otherwise; from any thread.
    func tell(_ refusal: Refusal, asking request: String, of jobId: JobID? = nil, by caller: Caller) {
        guard [.forbidden, .unauthorized].contains(refusal.code), mayTell() else { return }
        var params: JSONObject = ["request": .string(request), "code": .string(refusal.code.rawValue)]
        params["jobId"] = jobId.map { .string($0.description) }
        let text = JSONValue.object(params).bytes
        // Without his token, which may be what is wrong.
        let caller = Caller(role: caller.role, owner: caller.owner, address: caller.address)
        link.eventLoop.execute { [link] in
            guard link.value.isConnected else { return }
            _ = link.value.call(.reportRefusal, text, by: caller, resending: .never)
        }
    }

    private func mayTell() -> Bool {
        let second = Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000_000)
        return budget.withLock { $0.take(in: second).isTold }
    }
}
