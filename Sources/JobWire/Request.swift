package import JobModel

/// One request of a line, read as far as it could be.
package struct Request: Hashable, Sendable {
    /// Nil for a notification, which gets no reply; else a string, a number or null.
    package let id: JSONValue?
    package let call: Result<Call, Refusal>

    /// Reads one element; what is no request gets an `id` of null and a refusal.
    package init(json: JSONValue, makeJobId: () -> JobID) {
        guard let object = json.object, object["jsonrpc"] == "2.0", let name = object["method"]?.string,
            Self.isID(object["id"]), object.members.allSatisfy({ Self.members.contains($0.key) })
        else {
            id = .null
            call = .failure(Refusal(.notARequest, .invalidRequest, "This is no JSON-RPC 2.0 request."))
            return
        }
        id = object["id"]
        guard let method = Method(rawValue: name) else {
            call = .failure(Refusal(.unknownMethod, .invalidRequest, "There is no method \(name.prefix(100))."))
            return
        }
        call = Result { () throws(Refusal) in try Call(method, params: object["params"], makeJobId: makeJobId) }
    }

    private static let members: Set<String> = ["jsonrpc", "id", "method", "params"]

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
    /// Answered by one array, in any order; without an answer when all are notifications.
    case batch([Request])
    /// Not even JSON: answered with `id` null, then the connection ends.
    case unreadable(Refusal)

    /// Reads one line without its line feed.
    package static func parse(_ bytes: some Sequence<UInt8>, makeJobId: () -> JobID) -> RequestLine {
        do throws(JSONError) {
            switch try JSONValue.parse(bytes) {
            case .array(let elements) where !elements.isEmpty:
                return .batch(elements.map { Request(json: $0, makeJobId: makeJobId) })
            case let json: return .single(Request(json: json, makeJobId: makeJobId))
            }
        } catch {
            return .unreadable(Refusal(.notJSON, .invalidRequest, "The line \(error)."))
        }
    }
}
