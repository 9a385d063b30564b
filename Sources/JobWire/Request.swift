package import JSON
package import JobModel
package import NIOCore

/// One request of a line, read as far as it could be.
package struct Request: Hashable, Sendable {
    /// Nil for a notification, which gets no reply; else a string, a number or null.
    package let id: JSONValue?
    /// Nil when there is none of the name.
    package let method: Method?
    package let call: Result<Call, Refusal>
    /// For whom the client asks; nil: for itself.
    package let caller: Caller?

    /// Reads one element; what is not a request gets an `id` of null and a refusal.
    package init(json: JSONValue, makeJobId: () -> JobID) {
        guard let members = Members(json), members.version == "2.0", let name = members.method?.string,
            Self.isID(members.id)
        else {
            id = .null
            method = nil
            caller = nil
            call = .failure(Refusal(.notARequest, .invalidRequest, "This is not a JSON-RPC 2.0 request."))
            return
        }
        id = members.id
        method = Method(rawValue: name)
        guard let method else {
            caller = nil
            call = .failure(Refusal(.unknownMethod, .invalidRequest, "There is no method \(name.beginning)."))
            return
        }
        let asked = Result { () throws(Refusal) in
            let caller = try Caller(json: members.caller)
            return (caller: caller, call: try Call(method, params: members.params, makeJobId: makeJobId))
        }
        caller = (try? asked.get())?.caller
        call = asked.map(\.call)
    }

    /// A request that cannot even be read.
    fileprivate init(refused refusal: Refusal) {
        id = .null
        method = nil
        caller = nil
        call = .failure(refusal)
    }

    private struct Members {
        var version, id, method, params, caller: JSONValue?

        /// Nil when the value is not an object, or has other members.
        init?(_ json: JSONValue) {
            guard let object = json.object else { return nil }
            for member in object.members {
                switch member.key {
                case "jsonrpc": version = member.value
                case "id": id = member.value
                case "method": method = member.value
                case "params": params = member.value
                case "caller": caller = member.value
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

/// What one line asks for.
package enum RequestLine: Hashable, Sendable {
    case single(Request)
    /// Answered by one array, in any order; without an answer when all are notifications. At most
    /// ``maximumBatchCount``.
    case batch([Request])
    /// Not even JSON: answered with `id` null, then the connection ends.
    case unreadable(Refusal)

    /// A connection may have as many requests open.
    package static let maximumBatchCount = 1024

    /// Reads one line without its line feed.
    package static func parse(_ line: ByteBuffer, makeJobId: () -> JobID) -> RequestLine {
        let json = line.withUnsafeReadableBytes { bytes in
            Result { () throws(JSONError) in try JSONValue.parse(bytes) }
        }
        switch json {
        case .success(.array(let elements)) where elements.count > maximumBatchCount:
            let problem = "A batch has at most \(maximumBatchCount) requests."
            return .single(Request(refused: Refusal(.notARequest, .invalidRequest, problem)))
        case .success(.array(let elements)) where !elements.isEmpty:
            return .batch(elements.map { Request(json: $0, makeJobId: makeJobId) })
        case .success(let json): return .single(Request(json: json, makeJobId: makeJobId))
        case .failure(let error): return .unreadable(Refusal(.notJSON, .invalidRequest, "The line \(error)."))
        }
    }
}
