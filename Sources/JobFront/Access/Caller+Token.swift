import JobAccess
import JobModel

extension Caller {
    /// When the token that he shows ends, as it says itself; nil for who shows none, or what is not one.
    ///
    /// Whether it is good is for the daemon to say.
    var tokenEnd: Timestamp? { token.flatMap { try? TokenKeys.unverifiedClaims(of: $0) }?.expiresAt }
}
