import JSON
import JobModel
import JobWire
import NIOCore

/// What the client of one socket asks for, and as whom.
///
/// What it may do is decided where it is for HTTP: each request goes to the daemon with who asks, as the web server or a
/// token says. Lives on the event loop.
final class SocketCalls {
    /// No token is longer.
    private static let maximumTokenBytes = 8192
    /// What a request has beside its parameters on its way to the daemon, at most.
    private static let envelopeBytes = 16 * 1024

    private let sockets: Sockets
    private let watches: SocketWatches
    private var caller: Caller {
        didSet { tokenEnd = caller.tokenEnd }
    }
    /// When the token of its client ends.
    private(set) var tokenEnd: Timestamp?
    private var hasAsked = false

    init(for caller: Caller, of sockets: Sockets, _ watches: SocketWatches) {
        self.sockets = sockets
        self.watches = watches
        self.caller = caller
        tokenEnd = caller.tokenEnd
    }

    /// Has a request performed; what is sent for it goes through the session.
    func perform(_ request: SocketRequest, for session: SocketSession) -> EventLoopFuture<ByteBuffer> {
        let isFirst = !hasAsked
        hasAsked = true
        do throws(Refusal) {
            switch try request.word.get() {
            case .beginSession: return try beginSession(request.params, isFirst: isFirst)
            case .method(.watchJobs): return try watch(request.params, for: session)
            case .method(.unwatchJobs): return try unwatch(request.params)
            case .method(let method): return try say(method, request.params)
            }
        } catch {
            sockets.refusals.tell(error, asking: "GET /api/jobd/socket", by: caller)
            return sockets.loop.makeFailedFuture(error)
        }
    }

    /// Whoever shows a token is its holder from then on, even when it is not good: a wrong one never makes him nobody.
    private func beginSession(_ params: JSONNode?, isFirst: Bool) throws(Refusal) -> EventLoopFuture<ByteBuffer> {
        guard isFirst else {
            throw Refusal(.invalidRequest, "session.begin is the first message, or none.", pointer: "")
        }
        guard let params, let token = params["token"]?.string else {
            throw Refusal.wrongField("token", "is missing, or is not a text")
        }
        if let other = params.members.first(where: { $0.key != "token" }) {
            throw Refusal.wrongField(other.key, "is not a field of this request")
        }
        let isToken = token.utf8.count <= Self.maximumTokenBytes
        caller = Caller(
            role: caller.role, owner: caller.owner, address: caller.address, token: isToken ? token : "")
        return try say(.getSession, nil)
    }

    private func say(_ method: Method, _ params: JSONNode?) throws(Refusal) -> EventLoopFuture<ByteBuffer> {
        if method == .getJob, case .getJob(let id, let since, let wait) = try Self.call(method, params), wait > .zero {
            return sockets.waits.wait(for: id, by: caller, above: since, atMost: wait)
        }
        var params = params.map(JSONValue.init) ?? .object(JSONObject())
        if let object = params.object { params = .object(method.completed(object)) }
        let bytes = params.bytes
        guard bytes.count <= LineFraming.requestLimit - Self.envelopeBytes else {
            throw Refusal(.payloadTooLarge, "The parameters are too large; files are uploaded over HTTP.")
        }
        return sockets.link.call(method, bytes, by: caller, resending: method.resending(params))
    }

    /// What the parameters mean, or why they mean nothing: as the daemon reads them.
    private static func call(_ method: Method, _ params: JSONNode?) throws(Refusal) -> Call {
        try Call(method, params: params) { .random() }
    }

    // MARK: Watches

    private func watch(
        _ params: JSONNode?, for session: SocketSession
    ) throws(Refusal) -> EventLoopFuture<ByteBuffer> {
        guard case .watch(let jobIds, let queue, let since) = try Self.call(.watchJobs, params) else {
            throw Refusal(.internalError, "The parameters could not be read.")
        }
        return try watches.begin(jobIds, queue: queue, since: since, for: caller, session: session)
    }

    private func unwatch(_ params: JSONNode?) throws(Refusal) -> EventLoopFuture<ByteBuffer> {
        if case .unwatch(let number) = try Self.call(.unwatchJobs, params) { watches.end(number) }
        return sockets.loop.makeSucceededFuture(ByteBuffer(string: "{}"))
    }
}
