import JSON
import JobAccess
import JobModel
import JobWire
import Logging
import NIOCore

/// Finds out who asks and what he may do, before anything is done for him; keeps the log of it.
struct Gatekeeper {
    private var policy: AccessPolicy
    private var audit: AuditLog

    init(policy: AccessPolicy, logger: Logger) {
        self.policy = policy
        audit = AuditLog(logger: logger)
    }

    /// What somebody may do of whom nothing is known.
    var anonymous: Anonymous { policy.anonymous }

    /// Puts in force who may do what from now on.
    mutating func setPolicy(_ policy: AccessPolicy) { self.policy = policy }

    /// What whoever asks may do; `caller` is nil for who asks for himself.
    mutating func admit(
        _ call: Call, by caller: Caller?, through door: Door, at now: Timestamp
    ) throws(Refusal) -> AccessPolicy.Admission {
        guard let method = call.method else { throw Refusal(.forbidden, "Nobody can ask for this.") }
        if let refusal = door.refusal(of: method) { throw refusal }
        let admission = try admission(of: caller, through: door, at: now)
        do throws(JobError) {
            try policy.check(method.right, lists: call.lists, for: admission.access, of: caller ?? Caller())
            if case .listJobs(let query) = call, let own = admission.access.listedOwner, query.owner ?? own != own {
                throw .forbidden(reason: "Only operators may list the jobs of others.")
            }
            if case .command(let command) = call { try admission.access.check(command, at: now) }
        } catch {
            throw Refusal(error)
        }
        return admission
    }

    private mutating func admission(
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

    /// Makes a token as it is ordered, `{token, expiresAt}`.
    func makeToken(_ order: TokenOrder, at now: Timestamp) -> Result<ByteBuffer, Refusal> {
        guard let scope = order.scope ?? order.usualScope else {
            return .failure(Refusal(.invalidRequest, "A token needs an owner, a job or a scope.", pointer: "/owner"))
        }
        let span = order.seconds.map { Duration.seconds($0) } ?? min(.hours(1), policy.tokenLifetime)
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

    // MARK: The log

    /// Whether a request has a line however it ends.
    func notes(_ entry: AuditLog.Entry) -> Bool { entry.isNoteworthy || policy.auditsAll }

    /// Notes how a request ended: `ok`, or the code of its refusal.
    ///
    /// - Returns: Whether ``tellCounted(of:)`` is to be called in a second.
    mutating func note(_ entry: AuditLog.Entry, _ result: String, of connection: ObjectIdentifier) -> Bool {
        audit.note(entry, result, of: connection, all: policy.auditsAll)
    }

    /// Notes what a front has refused by itself.
    mutating func note(_ report: RefusalReport, _ entry: AuditLog.Entry) { audit.note(report, entry) }

    /// Writes how many jobs a connection has made since the first that was noted.
    mutating func tellCounted(of connection: ObjectIdentifier) { audit.tellCounted(of: connection) }
}

extension TokenOrder {
    /// What a token is for that does not say: one job is read, one's own are made and changed as well.
    fileprivate var usualScope: Set<Right>? {
        if job != nil { return [.read] }
        return owner == nil ? nil : [.read, .write, .create]
    }
}
