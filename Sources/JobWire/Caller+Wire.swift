import JSON
import JobModel

extension Caller {
    /// Appends the JSON that a request carries beside its parameters.
    func write(into bytes: inout [UInt8]) {
        func write(_ start: String, _ text: String?) {
            guard let text else { return }
            bytes.append(contentsOf: start.utf8)
            JSONValue.write(string: text, into: &bytes)
        }
        write(#"{"role":"#, role.rawValue)
        write(#","owner":"#, owner)
        write(#","address":"#, address)
        write(#","token":"#, token)
        bytes.append(UInt8(ascii: "}"))
    }

    /// Reads it; nil where a request names nobody.
    init?(json: JSONNode?) throws(Refusal) {
        guard let json else { return nil }
        guard json.isObject else { throw Self.wrong("", "must be an object") }
        var (role, owner, address, token): (String?, String?, String?, String?)
        for member in json.members where !member.value.isNull {
            let text = member.value.string
            switch member.key {
            case "role": role = text
            case "owner": owner = text
            case "address": address = text
            case "token": token = text
            default: throw Self.wrong("/" + member.key, "is not known")
            }
            guard text != nil else { throw Self.wrong("/" + member.key, "must be a text") }
        }
        guard let role = Role(rawValue: role ?? "") else {
            throw Self.wrong("/role", "must be operator, observer or empty")
        }
        if owner?.isEmpty == true { owner = nil }
        guard owner.map(Self.isOwner) ?? true else {
            throw Self.wrong("/owner", "must be at most 128 characters of printable ASCII")
        }
        self.init(role: role, owner: owner, address: address, token: token)
    }

    private static func wrong(_ place: String, _ problem: String) -> Refusal {
        Refusal(.invalidRequest, "The request's caller\(place) \(problem).")
    }
}
