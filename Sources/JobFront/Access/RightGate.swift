import JobAccess
import JobModel
import JobWire

/// Refuses callers who do not have the right that a route asks for.
struct RightGate: Gate {
    let policy: AccessPolicy

    func check(_ request: HTTPRequest, for route: Route?, in context: Context) throws(Refusal) {
        guard let route else { return }
        guard let token = context.caller.token else {
            return try check(policy.access(of: context.caller), of: context.caller, for: route, request)
        }
        // What a token is worth only the daemon knows, which decides by the same rules.
        if context.hasTokenInQuery { try Self.checkQuery(token, for: route, request) }
    }

    /// Refuses somebody who has not the right to a route.
    func check(
        _ access: Access, of caller: Caller, for route: Route, _ request: HTTPRequest
    ) throws(Refusal) {
        do throws(JobError) {
            try policy.check(route.entry.right, lists: route.lists(request), for: access, of: caller)
        } catch {
            throw Refusal(error)
        }
    }

    /// Addresses are kept in histories and logs: a token in one lets its holder see one thing, and do nothing.
    private static func checkQuery(_ token: String, for route: Route, _ request: HTTPRequest) throws(Refusal) {
        let claims: TokenClaims
        do throws(TokenError) {
            claims = try TokenKeys.unverifiedClaims(of: token)
        } catch {
            throw Refusal(.unauthorized, error.description)
        }
        guard route.entry.queryNames.contains("token"), !route.lists(request), claims.isForReadingOnly else {
            throw Refusal(
                .unauthorized,
                "In an address, a token may only be for reading, and for a job, its stream or an artifact; send others as "
                    + "Authorization: Bearer.")
        }
    }
}
