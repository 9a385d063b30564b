package import JSON
package import JobModel

extension Caller {
    /// As a request carries it beside its parameters.
    package var json: JSONValue {
        var object: JSONObject = ["role": .string(role.rawValue)]
        object["owner"] = owner.map(JSONValue.string)
        object["address"] = address.map(JSONValue.string)
        object["token"] = token.map(JSONValue.string)
        return .object(object)
    }

    /// Reads it; nil where a request names nobody.
    init?(json: JSONValue?) throws(Refusal) {
        guard let json else { return nil }
        guard let members = json.object?.members else { throw Self.wrong("", "must be an object") }
        var texts: [String: String] = [:]
        for member in members where member.value != .null {
            guard ["role", "owner", "address", "token"].contains(member.key) else {
                throw Self.wrong("/" + member.key, "is not known")
            }
            guard let text = member.value.string else { throw Self.wrong("/" + member.key, "must be a text") }
            texts[member.key] = text
        }
        guard let role = Role(rawValue: texts["role"] ?? "") else {
            throw Self.wrong("/role", "must be operator, observer or empty")
        }
        let owner = texts["owner"].flatMap { $0.isEmpty ? nil : $0 }
        guard owner.map(Self.isOwner) ?? true else {
            throw Self.wrong("/owner", "must be at most 128 characters of printable ASCII")
        }
        self.init(role: role, owner: owner, address: texts["address"], token: texts["token"])
    }

    private static func wrong(_ place: String, _ problem: String) -> Refusal {
        Refusal(.invalidRequest, "The request's caller\(place) \(problem).")
    }
}
