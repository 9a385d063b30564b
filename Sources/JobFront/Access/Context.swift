import JobModel
import JobWire
import NIOCore

/// What is known of a request beside what it says.
struct Context: Sendable {
    let caller: Caller
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
        caller = Caller(
            role: try Self.role(request), owner: try Self.owner(request), address: request.remoteAddress)
        trace = request.header("TRACEPARENT").flatMap(TraceParent.init)
        deadline = .now() + patience
    }

    private static let ownerBytes = 1...128

    private static func role(_ request: HTTPRequest) throws(Refusal) -> Caller.Role {
        guard let text = try request.identity("JOBD_ROLE") else { return .none }
        guard let role = Caller.Role(rawValue: text) else {
            throw Refusal(.invalidRequest, "The web server's JOBD_ROLE must be operator, observer or empty.")
        }
        return role
    }

    private static func owner(_ request: HTTPRequest) throws(Refusal) -> String? {
        guard let text = try request.identity("JOBD_OWNER"), !text.isEmpty else { return nil }
        guard ownerBytes.contains(text.utf8.count), text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Refusal(
                .invalidRequest, "The web server's JOBD_OWNER must be at most 128 characters of printable ASCII.")
        }
        return text
    }
}
