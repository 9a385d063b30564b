import JobModel

/// The claims of tokens whose signatures were verified before, because a caller shows the same token with each request.
///
/// Holds only what a key has signed, so that nobody fills it with what he has made up.
struct VerifiedTokens: Sendable {
    private static let limit = 1024

    private var claims: [String: TokenClaims] = [:]

    /// What a token says that one of the keys has signed and that is valid now.
    mutating func claims(
        of token: String, by keys: TokenKeys, lifetime: Duration, at now: Timestamp
    ) throws(TokenError) -> TokenClaims {
        if let known = claims[token] {
            try known.check(lifetime: lifetime, at: now)
            return known
        }
        let fresh = try keys.claims(of: token, lifetime: lifetime, at: now)
        // Rarely, and then all of them are soon here again.
        if claims.count == Self.limit { claims = [:] }
        claims[token] = fresh
        return fresh
    }
}
