import JSON
import JobAccess
import JobModel
import JobWire
import NIOCore

/// The way of each request past the ``Gatekeeper``.
extension Daemon {
    /// Does what a connection asks for, for whom it asks; nil: for itself.
    func perform(
        _ call: Call, by caller: Caller?, through door: Door, peer: AuditLog.Peer?, for listener: any WatchListener,
        reply: @escaping Reply
    ) {
        var entry = AuditLog.Entry(call: call, caller: caller, door: door, peer: peer)
        let admission: AccessPolicy.Admission
        do throws(Refusal) {
            admission = try gatekeeper.admit(call, by: caller, through: door, at: clock.now)
        } catch {
            note(entry, error.code.rawValue, of: listener)
            return reply(.failure(error))
        }
        entry.owner = admission.access.owner
        entry.isOperator = door == .admin || door == .operate || admission.access.isOperator
        let reply = noting(entry, of: listener, reply)
        switch call {
        case .getSession: reply(.success(ByteBuffer(bytes: admission.session.bytes)))
        case .makeToken(let order): reply(gatekeeper.makeToken(order, at: clock.now))
        case .reportRefusal(let report):
            gatekeeper.note(report, entry)
            reply(.success(ByteBuffer(string: "{}")))
        default: perform(call, by: admission.access, for: listener, reply: reply)
        }
    }

    /// The reply, which also notes how it ended; the same where nobody wants to know.
    private func noting(
        _ entry: AuditLog.Entry, of listener: any WatchListener, _ reply: @escaping Reply
    ) -> Reply {
        let isNoted = gatekeeper.notes(entry)
        guard isNoted || entry.call.mayBeForbidden else { return reply }
        return { [self] result in
            reply(result)
            let word: String
            switch result {
            case .success: word = "ok"
            case .failure(let refusal): word = refusal.code.rawValue
            }
            guard isNoted || word == ErrorCode.forbidden.rawValue else { return }
            guard !loop.inEventLoop else { return assumeIsolated { $0.note(entry, word, of: listener) } }
            loop.execute { self.assumeIsolated { $0.note(entry, word, of: listener) } }
        }
    }

    private func note(_ entry: AuditLog.Entry, _ word: String, of listener: any WatchListener) {
        let connection = ObjectIdentifier(listener)
        guard gatekeeper.note(entry, word, of: connection) else { return }
        loop.scheduleTask(in: .seconds(1)) { self.assumeIsolated { $0.gatekeeper.tellCounted(of: connection) } }
    }
}

extension Call {
    /// Whether it may be refused for want of a right when it is decided.
    fileprivate var mayBeForbidden: Bool {
        switch self {
        case .command(.create), .command(.process), .command(.update): true
        default: false
        }
    }
}

extension AccessPolicy.Admission {
    /// Who somebody is, for himself.
    fileprivate var session: JSONValue {
        let role: JSONValue = access.isOperator ? "operator" : access.has(.observe) ? "observer" : .null
        let token = claims.map { claims -> JSONValue in
            [
                "job": claims.job.map { .string($0.description) } ?? .null,
                "scope": .array(claims.words.map(JSONValue.string)), "expiresAt": JSONValue(claims.expiresAt),
            ]
        }
        return [
            "owner": access.owner.map(JSONValue.string) ?? .null, "role": role, "token": token ?? .null,
        ]
    }
}
