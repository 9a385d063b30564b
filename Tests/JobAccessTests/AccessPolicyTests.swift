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

    @Test func whoMayNotIsToldHowToBeSomebody() throws {
        let policy = AccessPolicy()
        let nobody = policy.access(of: Caller())
        try policy.check(.read, lists: false, for: nobody, of: Caller())
        #expect(throws: Denial.self) { try policy.check(.read, lists: true, for: nobody, of: Caller()) }
        #expect(throws: Denial.self) { try policy.check(.observe, lists: false, for: nobody, of: Caller()) }
        let closed = AccessPolicy(anonymous: .none)
        let none = closed.access(of: Caller())
        try closed.check(.public, lists: false, for: none, of: Caller())
        let denial = #expect(throws: Denial.self) { try closed.check(.read, lists: false, for: none, of: Caller()) }
        guard case .unauthorized? = denial else { throw Denial.forbidden("not 401") }
        let owner = Caller(owner: "ann")
        let denied = #expect(throws: Denial.self) {
            try closed.check(.operate, lists: false, for: closed.access(of: owner), of: owner)
        }
        guard case .forbidden? = denied else { throw Denial.forbidden("not 403") }
    }
}
