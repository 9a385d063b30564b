import JSON
import JobWire

/// One request of a message, read as far as it could be.
///
/// It has no `caller`: who asks is what the connection knows, and nothing that a client says in a message.
struct SocketRequest {
    /// What a client of a socket may call.
    enum Word {
        /// Shows a token, as the first message.
        case beginSession
        case method(Method)
    }

    /// Nil for a notification, which gets no reply.
    let id: JSONValue?
    let word: Result<Word, Refusal>
    /// Nil where it has none.
    let params: JSONNode?

    init(_ json: JSONNode) {
        do throws(Refusal) {
            let members = try RequestMembers(json)
            guard members.caller == nil else { throw RequestMembers.notARequest }
            id = members.id
            params = members.params
            word = Result { () throws(Refusal) in try Word(members.method) }
        } catch {
            (id, params, word) = (.null, nil, .failure(error))
        }
    }

    /// Whether its answer may be a page of a mebibyte.
    var mayAnswerLargely: Bool {
        guard case .success(.method(let method)) = word else { return false }
        return [.listJobs, .readLog, .watchJobs, .listDeliveries, .getMetrics, .discover].contains(method)
    }
}

extension SocketRequest.Word {
    /// What a client may call over HTTP, too; each method has its own right besides.
    private static let families: Set<Substring> = ["jobs", "batches", "work", "queues", "schedules", "webhooks"]
    private static let others: Set<Method> = [.getStats, .getMetrics, .getSession, .discover]

    init(_ name: String) throws(Refusal) {
        if name == "session.begin" {
            self = .beginSession
            return
        }
        guard let method = Method(rawValue: name) else {
            throw Refusal(.unknownMethod, .invalidRequest, "There is no method \(name.prefix(100)).")
        }
        let family = name.prefix { $0 != "." }
        guard Self.families.contains(family) || Self.others.contains(method) else {
            throw Refusal(.forbidden, "The method \(name.prefix(100)) is not for WebSockets.")
        }
        self = .method(method)
    }
}
