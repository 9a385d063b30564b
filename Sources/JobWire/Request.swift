package import JSON
package import JobModel
package import NIOCore

/// One request of the control socket, read as far as it could be.
package struct Request: Hashable, Sendable {
    /// Requests of one batch, at most; a connection of the control socket may have as many open.
    package static let maximumBatchCount = 1024

    /// Nil for a notification, which gets no reply; else a string, a number or null.
    package let id: JSONValue?
    /// Nil when there is none of the name.
    package let method: Method?
    /// What it asks for, or what is wrong with it.
    package let call: Result<Call, Refusal>
    /// For whom the client asks; nil: for itself.
    package let caller: Caller?

    /// Reads one element; what is not a request gets an `id` of null and a refusal.
    package init(json: JSONNode, makeJobId: () -> JobID) {
        let members: RequestMembers
        do throws(Refusal) {
            members = try RequestMembers(json)
        } catch {
            (id, method, caller, call) = (.null, nil, nil, .failure(error))
            return
        }
        id = members.id
        method = Method(rawValue: members.method)
        let asked = Result { [method] () throws(Refusal) in
            guard let method else {
                throw Refusal(.unknownMethod, .invalidRequest, "There is no method \(members.method.beginning).")
            }
            let caller = try Caller(json: members.caller)
            return (caller: caller, call: try Call(method, params: members.params, makeJobId: makeJobId))
        }
        switch asked {
        case .success(let asked): (caller, call) = (asked.caller, .success(asked.call))
        case .failure(let refusal): (caller, call) = (nil, .failure(refusal))
        }
    }

    /// Reads one line without its line feed.
    package static func parse(_ line: ByteBuffer, makeJobId: () -> JobID) -> RequestText<Request> {
        RequestText(line, noun: "line") { Request(json: $0, makeJobId: makeJobId) }
    }
}
