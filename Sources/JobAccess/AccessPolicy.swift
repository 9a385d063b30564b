package import JobModel

/// Decides what a caller may do, from what the web server and his token say of him.
///
/// Asked by the daemon for every request, and by the fronts before they take a body.
package struct AccessPolicy: Sendable {
    /// What may be done, and by which token.
    package struct Admission: Hashable, Sendable {
        /// What the caller may do.
        package let access: Access
        /// Of his token; nil when he showed none.
        package let claims: TokenClaims?

        package init(access: Access, claims: TokenClaims?) {
            self.access = access
            self.claims = claims
        }
    }

    /// What callers may do without an owner, a role and a token.
    package var anonymous: Anonymous
    /// The keys that sign tokens.
    package var keys: TokenKeys {
        didSet { verified = VerifiedTokens() }
    }
    /// How far ahead a token may end.
    package var tokenLifetime: Duration
    /// Whether the log says who asked what, also where nothing changes.
    package var auditsAll: Bool
    private var verified = VerifiedTokens()

    package init(
        anonymous: Anonymous = .ids, keys: TokenKeys = TokenKeys(), tokenLifetime: Duration = .days(1),
        auditsAll: Bool = false
    ) {
        self.anonymous = anonymous
        self.keys = keys
        self.tokenLifetime = tokenLifetime
        self.auditsAll = auditsAll
    }

    /// What somebody may do; remembers his token.
    ///
    /// - Throws: Why his token is not good.
    package mutating func admission(of caller: Caller, at now: Timestamp) throws(TokenError) -> Admission {
        guard let token = caller.token else {
            return Admission(access: charged(access(of: caller), caller), claims: nil)
        }
        let claims = try verified.claims(of: token, by: keys, lifetime: tokenLifetime, at: now)
        return Admission(access: charged(access(with: claims), caller), claims: claims)
    }

    /// With whose quota it is; operators count in the totals only.
    private func charged(_ access: Access, _ caller: Caller) -> Access {
        guard !access.isOperator else { return access }
        var access = access
        access.account = access.owner.map(Account.owner) ?? Account(address: caller.address)
        return access
    }

    private static let own: Set<Right> = [.create, .read, .write]
    private static let observing: Set<Right> = [.read, .observe]

    /// What somebody may do who shows no token.
    package func access(of caller: Caller) -> Access {
        switch (caller.role, caller.owner) {
        case (.operator, let owner): Access(rights: Set(Right.allCases), reach: .all, owner: owner)
        case (.observer, let owner): Access(rights: Self.observing, reach: .all, owner: owner)
        case (.none, let owner?): Access(rights: Self.own, reach: .own(owner), owner: owner)
        case (.none, nil):
            switch anonymous {
            case .ids: Access(rights: Self.own, reach: .unguessable)
            case .open: .everything
            case .any: Access(rights: Self.own, reach: .named)
            case .none: Access(rights: [], reach: .unguessable)
            }
        }
    }

    /// What a token's holder may do; with a job, nothing that concerns others.
    package func access(with claims: TokenClaims) -> Access {
        let scope = claims.scope
        if let job = claims.job {
            return Access(rights: scope.intersection(Self.own), reach: .job(job), owner: claims.owner)
        }
        if scope.contains(.operate) { return Access(rights: Set(Right.allCases), reach: .all, owner: claims.owner) }
        if scope.contains(.observe), scope.isSubset(of: Self.observing) {
            return Access(rights: Self.observing, reach: .all, owner: claims.owner)
        }
        if let owner = claims.owner { return Access(rights: scope, reach: .own(owner), owner: owner) }
        return Access(rights: scope, reach: anonymous == .any ? .named : .unguessable)
    }

    /// Refuses what needs a right that somebody does not have; `lists` says that it shows what it does not name.
    package func check(
        _ right: Right, lists: Bool, for access: Access, of caller: Caller
    ) throws(JobError) {
        if access.has(right), !lists || access.mayList { return }
        guard caller.token == nil else { throw .forbidden(reason: "This token is not for that.") }
        guard caller.role == .none, caller.owner == nil else {
            throw .forbidden(reason: "Only operators may do this; the web server says who is one (JOBD_ROLE).")
        }
        guard anonymous != .none else {
            throw .unauthorized(
                reason: "Nobody may use this service without saying who he is: sign in, or send a token.")
        }
        throw .forbidden(
            reason: "This needs an owner, an operator or a token: sign in, or send one (Authorization: Bearer).")
    }
}
