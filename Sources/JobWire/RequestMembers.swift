package import JSON

/// The members of one JSON-RPC 2.0 request, whichever connection it came by; their meaning is looked at later.
package struct RequestMembers {
    /// Nil for a notification, which gets no reply; else a string, a number or null.
    package let id: JSONValue?
    /// The name of the method, which need not exist.
    package let method: String
    /// Nil where it has none.
    package let params: JSONNode?
    /// For whom the client asks, not read yet; nil where it says nothing.
    package let caller: JSONNode?

    /// Reads one element of a message.
    ///
    /// - Throws: ``notARequest`` for everything else, and for members that a request does not have.
    package init(_ json: JSONNode) throws(Refusal) {
        var members = json.members
        let id = members.take("id").map(JSONValue.init)
        guard members.take("jsonrpc")?.string == "2.0", let method = members.take("method")?.string, Self.isID(id)
        else { throw Self.notARequest }
        self.id = id
        self.method = method
        params = members.take("params")
        caller = members.take("caller")
        guard members.rest == nil else { throw Self.notARequest }
    }

    /// The answer, with an `id` of null, to what is not a request.
    package static let notARequest = Refusal(
        .notARequest, .invalidRequest, "This is not a JSON-RPC 2.0 request.")

    private static func isID(_ id: JSONValue?) -> Bool {
        switch id {
        case nil, .null, .string, .number: true
        case .bool, .array, .object: false
        }
    }
}
