import JSON
import JobAccess
import JobModel
import JobWire
import NIOCore

/// The one gate: who asks, and what he may do, is found out before anything is done for him.
extension Daemon {
    /// Does what a connection asks for, for whom it asks; nil: for itself.
    func perform(
        _ call: Call, by caller: Caller?, through door: Door, peer: AuditLog.Peer?, for listener: any WatchListener,
        reply: @escaping Reply
    ) {
        var entry = AuditLog.Entry(call: call, caller: caller, door: door, peer: peer)
        let admission: AccessPolicy.Admission
        do throws(Refusal) {
            admission = try admit(call, by: caller, through: door)
        } catch {
            note(entry, error.code.rawValue, of: listener)
            return reply(.failure(error))
        }
        entry.owner = admission.access.owner
        entry.isOperator = admission.access.isOperator || [.admin, .operate].contains(door)
        let reply = noting(entry, of: listener, reply)
        switch call {
        case .getSession: reply(.success(ByteBuffer(bytes: admission.session.bytes)))
        case .makeToken(let order): reply(makeToken(order))
        case .reportRefusal(let report):
            audit.note(report, entry)
            reply(.success(ByteBuffer(string: "{}")))
        default: perform(call, by: admission.access, for: listener, reply: reply)
        }
    }

    /// The reply, which also notes how it ended; the same where nobody wants to know.
    private func noting(
        _ entry: AuditLog.Entry, of listener: any WatchListener, _ reply: @escaping Reply
    ) -> Reply {
        let isNoted = entry.isNoteworthy || policy.auditsAll
        guard isNoted || entry.call.mayBeForbidden else { return reply }
        return { [self] result in
            let word: String
            switch result {
            case .success: word = "ok"
            case .failure(let refusal): word = refusal.code.rawValue
            }
            reply(result)
            guard isNoted || word == ErrorCode.forbidden.rawValue else { return }
            let note: @Sendable () -> Void = { self.assumeIsolated { $0.note(entry, word, of: listener) } }
            loop.inEventLoop ? note() : loop.execute(note)
        }
    }

    private func note(_ entry: AuditLog.Entry, _ word: String, of listener: any WatchListener) {
        let connection = ObjectIdentifier(listener)
        guard audit.note(entry, word, of: connection, all: policy.auditsAll) else { return }
        loop.scheduleTask(in: .seconds(1)) { self.assumeIsolated { $0.audit.tellCreates(of: connection) } }
    }

    private func admit(
        _ call: Call, by caller: Caller?, through door: Door
    ) throws(Refusal) -> AccessPolicy.Admission {
        guard let method = call.method else { throw Refusal(.forbidden, "Nobody can ask for this.") }
        if let refusal = door.refusal(of: method) { throw refusal }
        let now = clock.now
        let admission = try admission(of: caller, through: door, at: now)
        do throws(Denial) {
            try policy.check(
                method.right, lists: call.lists, for: admission.access, of: caller ?? Caller())
        } catch {
            throw Refusal(error)
        }
        if case .listJobs(let fields) = call, let own = admission.access.listedOwner, fields.owner ?? own != own {
            throw Refusal(.forbidden, "Only operators may list the jobs of others.")
        }
        if case .command(let command) = call {
            do throws(JobError) {
                try admission.access.check(command, at: now)
            } catch {
                throw Refusal(error)
            }
        }
        return admission
    }

    private func admission(
        of caller: Caller?, through door: Door, at now: Timestamp
    ) throws(Refusal) -> AccessPolicy.Admission {
        guard let caller else {
            guard let access = door.access else {
                throw Refusal(.forbidden, "On this socket each request says who asks (caller).")
            }
            return AccessPolicy.Admission(access: access, claims: nil)
        }
        do throws(TokenError) {
            let admission = try policy.admission(of: caller, at: now)
            guard let limit = door.access?.rights else { return admission }
            return AccessPolicy.Admission(access: admission.access.limited(to: limit), claims: admission.claims)
        } catch {
            throw Refusal(.unauthorized, error.description)
        }
    }

    private func makeToken(_ order: TokenOrder) -> Result<ByteBuffer, Refusal> {
        guard let scope = order.scope ?? order.usualScope else {
            return .failure(Refusal(.invalidRequest, "A token needs an owner, a job or a scope.", pointer: "/owner"))
        }
        let now = clock.now
        let span = order.seconds.map { Duration.seconds($0) } ?? min(.seconds(3600), policy.tokenLifetime)
        guard span <= policy.tokenLifetime else {
            return .failure(Refusal.wrongField("seconds", "is more than access.tokenLifetime allows"))
        }
        let claims = TokenClaims(owner: order.owner, job: order.job, scope: scope, expiresAt: now + span)
        guard let token = policy.keys.token(for: claims, at: now) else {
            return .failure(
                Refusal(.unavailable, "There is no key to sign a token with; access.keysFile says where they are."))
        }
        let json: JSONValue = ["token": .string(token), "expiresAt": JSONValue(claims.expiresAt)]
        return .success(ByteBuffer(bytes: json.bytes))
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

extension TokenOrder {
    /// What a token is for that does not say: one job is read, one's own are made and changed as well.
    fileprivate var usualScope: Set<Right>? {
        if job != nil { return [.read] }
        return owner == nil ? nil : [.read, .write, .create]
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

extension Refusal {
    fileprivate init(_ denial: Denial) {
        switch denial {
        case .unauthorized(let reason): self.init(.unauthorized, reason)
        case .forbidden(let reason): self.init(.forbidden, reason)
        }
    }
}
