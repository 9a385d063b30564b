import JSON
import JobAccess
import JobModel
import JobWire
import NIOCore

/// Asks the daemon what a token allows, before a front takes bytes or opens a stream.
struct Sessions: Sendable {
    let link: NIOLoopBound<DaemonLink>
    let policy: AccessPolicy

    /// Fails with a refusal when a caller's token is not good, or does not give the right; for callers without one the gates have
    /// decided already.
    func check(_ right: Right, lists: Bool, for context: Context) -> EventLoopFuture<Void> {
        guard context.caller.token != nil else { return link.eventLoop.makeSucceededVoidFuture() }
        let policy = policy
        return link.eventLoop.flatSubmit { link.value.call(.getSession, JSONObject(), for: context) }
            .flatMapThrowing { reply in
                guard let claims = Self.claims(try JSONValue.parse(reply.readableBytesView)) else {
                    throw Refusal(.internalError, "The daemon does not say what the token is for.")
                }
                do throws(JobError) {
                    try policy.check(right, lists: lists, for: policy.access(with: claims), of: context.caller)
                } catch {
                    throw Refusal(error)
                }
            }
    }

    /// Refuses a token that is for something else before its bytes are taken; on a thread that may wait.
    func checkNow(_ right: Right, for context: Context) throws(Refusal) {
        guard context.caller.token != nil else { return }
        do {
            try check(right, lists: false, for: context).wait()
        } catch {
            throw error as? Refusal ?? Refusal(.unavailable, "The daemon is not there; try again in a moment.")
        }
    }

    private static func claims(_ session: JSONValue) -> TokenClaims? {
        guard let token = session["token"], let scope = token["scope"]?.array,
            let expiry = token["expiresAt"]?.string.flatMap(Timestamp.init)
        else { return nil }
        return TokenClaims(
            owner: session["owner"]?.string, job: token["job"]?.string.flatMap(JobID.init),
            scope: Set(scope.compactMap { $0.string.flatMap(Right.init) }), expiresAt: expiry)
    }
}
