import JobAccess
import JobModel
import JobTesting
import Testing

struct AccessPolicyTests {
    private static let own: Set<Right> = [.create, .read, .write]
    private static let all = Set(Right.allCases)

    @Test(
        arguments: [
            (Caller(role: .operator, owner: "ann"), Access(rights: all, reach: .all, owner: "ann")),
            (Caller(role: .observer), Access(rights: [.read, .observe], reach: .all)),
            (Caller(owner: "ann"), Access(rights: own, reach: .own("ann"), owner: "ann")),
        ] as [(Caller, Access)], Anonymous.allCases)
    func whoSaysWhoHeIsMayDoTheSameEverywhere(row: (caller: Caller, access: Access), anonymous: Anonymous) {
        #expect(AccessPolicy(anonymous: anonymous).access(of: row.caller) == row.access)
    }

    @Test(
        arguments: [
            (Anonymous.ids, Access(rights: own, reach: .unguessable)), (.open, .everything),
            (.any, Access(rights: own, reach: .named)), (.none, Access(rights: [], reach: .unguessable)),
        ] as [(Anonymous, Access)])
    func whatNobodyMayDoIsConfigured(anonymous: Anonymous, access: Access) {
        #expect(AccessPolicy(anonymous: anonymous).access(of: Caller(address: "::1")) == access)
    }

    @Test(
        arguments: [
            (["operate"], nil, nil, Access(rights: all, reach: .all)),
            (["operate", "read"], "ann", nil, Access(rights: all, reach: .all, owner: "ann")),
            (["observe"], nil, nil, Access(rights: [.read, .observe], reach: .all)),
            (["observe", "write"], "ann", nil, Access(rights: [.observe, .write], reach: .own("ann"), owner: "ann")),
            (["read", "create"], "ann", nil, Access(rights: [.read, .create], reach: .own("ann"), owner: "ann")),
            (["create"], nil, nil, Access(rights: [.create], reach: .unguessable)),
            ([], "ann", nil, Access(rights: [], reach: .own("ann"), owner: "ann")),
            (["read"], nil, "a", Access(rights: [.read], reach: .job(.named("a")))),
            (
                ["operate", "observe", "work", "write"], "ann", "a",
                Access(rights: [.write], reach: .job(.named("a")), owner: "ann")
            ),
        ] as [([String], String?, String?, Access)])
    func aTokenIsForWhatItSays(scope: [String], owner: String?, job: String?, access: Access) {
        let claims = TokenClaims(
            owner: owner, job: job.flatMap(JobID.init), scope: Set(scope.compactMap(Right.init)),
            expiresAt: Timestamp(milliseconds: 1))
        // Also where nobody would be an operator.
        for anonymous in [Anonymous.ids, .open, .none] {
            #expect(AccessPolicy(anonymous: anonymous).access(with: claims) == access)
        }
    }

    /// Of IPv6 the network counts: whoever has one address of it has them all.
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"), ("::1", "0:0:0:0::/64"), ("unix:", ""), ("", ""), ("192.0.2", ""),
        ("owner:ann", ""),
    ])
    func nobodyIsCountedByHisAddress(address: String, place: String) {
        #expect(Account(address: address) == .place(place))
        var policy = AccessPolicy()
        let admission = try? policy.admission(of: Caller(address: address), at: Timestamp(milliseconds: 0))
        #expect(admission?.access.account == .place(place))
    }

    @Test func operatorsCountInTheTotalsOnly() throws {
        let now = Timestamp(milliseconds: 0)
        for (caller, account) in [
            (Caller(role: .operator, owner: "ann", address: "::1"), nil), (Caller(owner: "ann"), .owner("ann")),
        ] as [(Caller, Account?)] {
            var policy = AccessPolicy()
            #expect(try policy.admission(of: caller, at: now).access.account == account)
        }
        var open = AccessPolicy(anonymous: .open)
        #expect(try open.admission(of: Caller(address: "::1"), at: now).access.account == nil)
    }

    /// Its signature is looked at once; whether it is valid now, each time.
    @Test func aTokenThatIsShownAgainIsStillLookedAt() throws {
        let line = TokenKeys.makeLine(named: "a")
        var policy = AccessPolicy(keys: try TokenKeys(line))
        let start = Timestamp(milliseconds: 0)
        let claims = TokenClaims(owner: "ann", scope: [.read], expiresAt: start + .seconds(60))
        let token = try #require(policy.keys.token(for: claims, at: start))
        let caller = Caller(token: token)
        for _ in 0..<2 { #expect(try policy.admission(of: caller, at: start).claims == claims) }
        let altered = Caller(token: String(token.dropLast()) + (token.hasSuffix("A") ? "B" : "A"))
        #expect(throws: TokenError.self) { try policy.admission(of: altered, at: start) }
        #expect(throws: TokenError.expired) { try policy.admission(of: caller, at: start + .seconds(60)) }
        policy.tokenLifetime = .seconds(59)
        #expect(throws: TokenError.tooLong) { try policy.admission(of: caller, at: start) }
        policy.tokenLifetime = .seconds(60)
        policy.keys = try TokenKeys(TokenKeys.makeLine(named: "a"))
        #expect(throws: TokenError.wrongSignature) { try policy.admission(of: caller, at: start) }
    }

    /// More tokens than are remembered change nothing but the time that it takes.
    @Test func manyTokensAreAllTaken() throws {
        var policy = AccessPolicy(keys: try TokenKeys(TokenKeys.makeLine(named: "a")))
        let start = Timestamp(milliseconds: 0)
        for number in 0..<1100 {
            let claims = TokenClaims(owner: "\(number)", scope: [.read], expiresAt: start + .seconds(60))
            let token = try #require(policy.keys.token(for: claims, at: start))
            #expect(try policy.admission(of: Caller(token: token), at: start).access.owner == "\(number)")
        }
    }

    @Test func whoMayNotIsToldHowToBeSomebody() throws {
        let policy = AccessPolicy()
        let nobody = policy.access(of: Caller())
        try policy.check(.read, lists: false, for: nobody, of: Caller())
        #expect(throws: JobError.self) { try policy.check(.read, lists: true, for: nobody, of: Caller()) }
        #expect(throws: JobError.self) { try policy.check(.observe, lists: false, for: nobody, of: Caller()) }
        let closed = AccessPolicy(anonymous: .none)
        let none = closed.access(of: Caller())
        try closed.check(.public, lists: false, for: none, of: Caller())
        let denial = #expect(throws: JobError.self) { try closed.check(.read, lists: false, for: none, of: Caller()) }
        guard case .unauthorized? = denial else { throw JobError.forbidden(reason: "not 401") }
        let owner = Caller(owner: "ann")
        let denied = #expect(throws: JobError.self) {
            try closed.check(.operate, lists: false, for: closed.access(of: owner), of: owner)
        }
        guard case .forbidden? = denied else { throw JobError.forbidden(reason: "not 403") }
    }
}
