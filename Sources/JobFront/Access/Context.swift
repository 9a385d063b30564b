import JobModel
import JobWire
import NIOCore

/// What the front knows of a request beside its target and its body: the caller, the trace, the deadline.
struct Context: Sendable {
    /// As the web server, or a token, says it.
    let caller: Caller
    /// Whether his token stands in the address, where it may do little.
    let hasTokenInQuery: Bool
    /// The trace that it belongs to; what is not one counts as absent, as W3C wants it.
    let trace: TraceParent?
    /// Until when it may wait for a daemon that is away.
    let deadline: NIODeadline

    /// Reads who asks from parameters that no header can set, because those of headers begin with `HTTP_`.
    ///
    /// - Parameters:
    ///   - request: As the web server handed it over.
    ///   - patience: How long it may wait.
    /// - Throws: A refusal of a request that is said to come from two, or from somebody who cannot be.
    init(of request: HTTPRequest, patience: TimeAmount) throws(Refusal) {
        let inHeader = Self.bearerToken(request)
        let inQuery = inHeader == nil ? request.query["token"] : nil
        hasTokenInQuery = inQuery != nil
        caller = Caller(
            role: try Self.role(request), owner: try Self.owner(request),
            address: try request.identity("JOBD_ADDRESS") ?? request.remoteAddress,
            token: inHeader ?? inQuery)
        trace = request.header("TRACEPARENT").flatMap(TraceParent.init)
        deadline = .now() + patience
    }

    /// What a header of RFC 6750 shows; other schemes are the web server's.
    private static func bearerToken(_ request: HTTPRequest) -> String? {
        guard let text = request.header("AUTHORIZATION") else { return nil }
        let words = text.split(separator: " ", maxSplits: 1)
        guard words.first?.lowercased() == "bearer" else { return nil }
        return words.count == 2 ? String(words[1].drop { $0 == " " }) : ""
    }

    private static func role(_ request: HTTPRequest) throws(Refusal) -> Caller.Role {
        guard let text = try request.identity("JOBD_ROLE") else { return .none }
        guard let role = Caller.Role(rawValue: text) else {
            throw Refusal(.invalidRequest, "The web server's JOBD_ROLE must be operator, observer or empty.")
        }
        return role
    }

    private static func owner(_ request: HTTPRequest) throws(Refusal) -> String? {
        guard let text = try request.identity("JOBD_OWNER"), !text.isEmpty else { return nil }
        guard Caller.isOwner(text) else {
            throw Refusal(
                .invalidRequest, "The web server's JOBD_OWNER must be at most 128 characters of printable ASCII.")
        }
        return text
    }
}
