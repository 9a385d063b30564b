package import JSON
package import JobModel

/// What a token says: who its holder is, and what he may do until when.
package struct TokenClaims: Hashable, Sendable {
    package let owner: String?
    /// The one job that it is for; nil: all that its holder has.
    package let job: JobID?
    package let scope: Set<Right>
    package let expiresAt: Timestamp
    /// It means nothing before this.
    package let notBefore: Timestamp?

    package init(
        owner: String? = nil, job: JobID? = nil, scope: Set<Right>, expiresAt: Timestamp, notBefore: Timestamp? = nil
    ) {
        self.owner = owner
        self.job = job
        self.scope = scope
        self.expiresAt = expiresAt
        self.notBefore = notBefore
    }

    /// The words of a scope, in their usual order.
    package var words: [String] { Right.allCases.filter(scope.contains).map(\.rawValue) }

    /// Whether it lets its holder see one thing or another, and do nothing.
    package var isForReadingOnly: Bool { scope == [.read] }

    /// Refuses what is not valid now; there is no leeway.
    func check(lifetime: Duration, at now: Timestamp) throws(TokenError) {
        guard expiresAt > now else { throw .expired }
        guard expiresAt <= now + lifetime else { throw .tooLong }
        guard notBefore.map({ $0 <= now }) ?? true else { throw .tooEarly }
    }

    // MARK: RFC 7519

    /// Reads the payload of a token, of which nobody knows yet whether it can be believed.
    ///
    /// Other claims are ignored.
    package init(json: JSONValue) throws(TokenError) {
        guard json.object != nil else { throw .malformed }
        owner = try Self.text(json, "sub", Caller.isOwner)
        job = try Self.text(json, "job") { JobID($0) != nil }.flatMap(JobID.init)
        var scope: Set<Right> = []
        switch json["scope"] {
        case nil: break
        case .array(let words)?:
            for word in words {
                guard let right = word.string.flatMap(Right.init), right != .public else { throw .wrongClaim("scope") }
                scope.insert(right)
            }
        default: throw .wrongClaim("scope")
        }
        self.scope = scope
        guard let expiry = try Self.moment(json, "exp") else { throw .wrongClaim("exp") }
        expiresAt = expiry
        notBefore = try Self.moment(json, "nbf")
    }

    /// The payload; moments in seconds.
    func json(issuedAt now: Timestamp) -> JSONValue {
        var object = JSONObject()
        object["sub"] = owner.map(JSONValue.string)
        object["job"] = job.map { .string($0.description) }
        object["scope"] = .array(words.map(JSONValue.string))
        object["iat"] = JSONValue(now.milliseconds / 1000)
        object["nbf"] = notBefore.map { JSONValue($0.milliseconds / 1000) }
        object["exp"] = JSONValue(expiresAt.milliseconds / 1000)
        return .object(object)
    }

    private static func text(
        _ json: JSONValue, _ claim: String, _ isRight: (String) -> Bool
    ) throws(TokenError) -> String? {
        guard let value = json[claim] else { return nil }
        guard let text = value.string, isRight(text) else { throw .wrongClaim(claim) }
        return text
    }

    private static func moment(_ json: JSONValue, _ claim: String) throws(TokenError) -> Timestamp? {
        guard let value = json[claim] else { return nil }
        guard let seconds = value.double, (0...9_999_999_999).contains(seconds) else { throw .wrongClaim(claim) }
        return Timestamp(milliseconds: Int64(seconds * 1000))
    }
}

/// Why a token is worth nothing, as a sentence for its holder.
package enum TokenError: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed
    case unknownKey
    case wrongSignature
    case wrongClaim(String)
    case expired
    case tooEarly
    /// It would be good for longer than tokens may be.
    case tooLong

    package var description: String {
        switch self {
        case .malformed: "This is not a token."
        case .unknownKey: "This service does not know the key of the token."
        case .wrongSignature: "The token is not what its maker has signed."
        case .wrongClaim(let claim): "The token's \(claim) is missing or wrong."
        case .expired: "The token has expired."
        case .tooEarly: "The token is not valid yet."
        case .tooLong: "The token would be valid for longer than access.tokenLifetime."
        }
    }
}
