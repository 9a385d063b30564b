import JSON
import JobWire
import NIOCore

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
    let params: JSONValue?

    init(_ json: JSONValue) {
        guard let members = Members(json), members.version == "2.0", let name = members.method?.string,
            Self.isID(members.id)
        else {
            id = .null
            params = nil
            word = .failure(Refusal(.notARequest, .invalidRequest, "This is not a JSON-RPC 2.0 request."))
            return
        }
        id = members.id
        params = members.params
        word = Result { () throws(Refusal) in try Word(name) }
    }

    /// Whether its answer may be a page of a mebibyte.
    var mayAnswerLargely: Bool {
        guard case .success(.method(let method)) = word else { return false }
        return [.listJobs, .readLog, .watchJobs, .listDeliveries, .getMetrics, .discover].contains(method)
    }

    private struct Members {
        var version, id, method, params: JSONValue?

        /// Nil when the value is not an object, or has other members.
        init?(_ json: JSONValue) {
            guard let object = json.object else { return nil }
            for member in object.members {
                switch member.key {
                case "jsonrpc": version = member.value
                case "id": id = member.value
                case "method": method = member.value
                case "params": params = member.value
                default: return nil
                }
            }
        }
    }

    private static func isID(_ id: JSONValue?) -> Bool {
        switch id {
        case nil, .null, .string, .number: true
        case .bool, .array, .object: false
        }
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

/// What one message asks for.
enum SocketMessage {
    case single(SocketRequest)
    /// Answered by one array; without an answer when all are notifications.
    case batch([SocketRequest])
    /// Nothing was asked.
    case blank
    /// Not JSON: answered with `id` null, then the connection ends.
    case unreadable(Refusal)
    /// Answered with `id` null.
    case refused(Refusal)

    init(_ text: ByteBuffer) {
        guard !text.readableBytesView.allSatisfy({ [0x20, 0x09, 0x0A, 0x0D].contains($0) }) else {
            self = .blank
            return
        }
        let json = text.withUnsafeReadableBytes { bytes in
            Result { () throws(JSONError) in try JSONValue.parse(bytes) }
        }
        switch json {
        case .success(.array(let elements)) where elements.count > RequestLine.maximumBatchCount:
            let problem = "A batch has at most \(RequestLine.maximumBatchCount) requests."
            self = .refused(Refusal(.notARequest, .invalidRequest, problem))
        case .success(.array(let elements)) where !elements.isEmpty: self = .batch(elements.map(SocketRequest.init))
        case .success(let json): self = .single(SocketRequest(json))
        case .failure(let error): self = .unreadable(Refusal(.notJSON, .invalidRequest, "The message \(error)."))
        }
    }
}
