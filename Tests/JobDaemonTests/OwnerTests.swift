import FoundationEssentials
import JSON
import JobAccess
import JobDaemonTesting
import JobModel
import JobTesting
import JobWire
import Testing

/// Who is shown what, through the sockets.
@Suite(.timeLimit(.minutes(5)))
struct OwnerTests {
    private static let ann = Caller(owner: "ann")
    private static let bob = Caller(owner: "bob")
    private static let nobody = Caller(address: "192.0.2.1")
    private static let operators = Caller(role: .operator)
    private static let keys = "k \(String(repeating: "A", count: 43))=\n"

    /// Everything that names one job, which is another's.
    @Test(arguments: [
        Method.getJob, .updateJob, .cancelJob, .retryJob, .deleteJob, .readLog, .getArtifact,
    ])
    func anotherOwnersJobIsAsIfItHadNeverBeen(method: Method) async throws {
        try await withDaemon { harness in
            try await harness.call(.createJob, ["jobId": "contract-7"], through: .front, as: Self.ann)
            var params: JSONObject = ["jobId": "contract-7"]
            if method == .getArtifact { params["name"] = "a.txt" }
            var absent = params
            absent["jobId"] = "contract-8"
            for caller in [Self.bob, Self.nobody] {
                let foreign = try await harness.refusal(method, params, through: .front, as: caller)
                let missing = try await harness.refusal(method, absent, through: .front, as: caller)
                #expect(foreign?.code == .jobNotFound && missing?.code == .jobNotFound)
                #expect(foreign?.message.replacing("contract-7", with: "contract-8") == missing?.message)
                #expect(foreign?.details == missing?.details)
            }
            let job = try await harness.call(.getJob, ["jobId": "contract-7"], through: .front, as: Self.operators)
            #expect(job["owner"] == "ann" && job["version"] == 1)
            #expect(try await harness.call(.getJob, ["jobId": "contract-7"], through: .front, as: Self.ann) == job)
        }
    }

    @Test func aForeignIdTellsOnlyThatItIsTaken() async throws {
        try await withDaemon { harness in
            try await harness.call(.createJob, ["jobId": "a"], through: .front, as: Self.ann)
            try await harness.call(.cancelJob, ["jobId": "a"], through: .front, as: Self.ann)
            for isGone in [false, true] {
                if isGone { try await harness.call(.deleteJob, ["jobId": "a"], through: .front, as: Self.ann) }
                let named: JSONObject = ["jobId": "a"]
                let processed: JSONObject = ["jobId": "a", "fileIds": []]
                for (method, params) in [(Method.createJob, named), (.processJob, processed)] {
                    let refusal = try await harness.refusal(method, params, through: .front, as: Self.bob)
                    #expect(refusal?.code == .jobConflict && refusal?.details.members.isEmpty == true)
                }
                let refusal = try await harness.refusal(.getJob, ["jobId": "a"], through: .front, as: Self.bob)
                #expect(refusal?.code == .jobNotFound)
            }
            #expect(try await harness.refusal(.getJob, ["jobId": "a"], through: .front, as: Self.ann)?.code == .jobGone)
        }
    }

    @Test func listsHaveOnesOwn() async throws {
        try await withDaemon { harness in
            for (id, caller) in [("a", Self.ann), ("b", Self.bob)] {
                try await harness.call(.createJob, ["jobId": .string(id)], through: .front, as: caller)
            }
            func list(_ caller: Caller, _ params: JSONObject = [:]) async throws -> [String] {
                try await harness.call(.listJobs, params, through: .front, as: caller)["jobs"]?.array?
                    .compactMap { $0["jobId"]?.string } ?? []
            }
            #expect(try await list(Self.ann) == ["a"])
            #expect(try await list(Self.bob, ["q": "a"]) == [])
            #expect(try await list(Self.operators).count == 2)
            #expect(try await list(Self.operators, ["owner": "ann"]) == ["a"])
            #expect(try await list(Self.ann, ["owner": "ann"]) == ["a"])
            let ofBob: JSONObject = ["owner": "bob"]
            for (caller, params) in [(Self.ann, ofBob), (Self.nobody, JSONObject())] {
                #expect(try await harness.refusal(.listJobs, params, through: .front, as: caller)?.code == .forbidden)
            }
            #expect(try await harness.refusal(.watchJobs, through: .front, as: Self.nobody)?.code == .forbidden)
        }
    }

    @Test func aWatchTellsEachListenerWhatIsHis() async throws {
        try await withDaemon { harness in
            let connection = try await LineConnection.connect(to: try #require(harness.sockets[.front]))
            func watch(_ id: Int, _ params: String, _ owner: String) -> String {
                #"{"jsonrpc":"2.0","id":\#(id),"method":"jobs.watch","params":\#(params),"caller":{"owner":"\#(owner)"}}"#
                    + "\n"
            }
            try await harness.call(.createJob, ["jobId": "a"], through: .front, as: Self.ann)
            try await connection.send(watch(1, #"{"jobIds":["a"]}"#, "bob") + watch(2, "{}", "bob"))
            for _ in 1...2 { #expect(await connection.next()?.contains(#""jobs":[]"#) == true) }
            try await harness.call(.cancelJob, ["jobId": "a"], through: .front, as: Self.ann)
            try await harness.call(.deleteJob, ["jobId": "a"], through: .front, as: Self.ann)
            try await harness.call(.createJob, ["jobId": "b"], through: .front, as: Self.bob)
            let first = await connection.next() ?? ""
            #expect(first.contains(#""watch":2"#) && first.contains(#""jobId":"b""#), "\(first)")
            try await connection.close()
        }
    }

    @Test func aWaitForAForeignJobWaitsForNothing() async throws {
        try await withDaemon { harness in
            let waiting = Task {
                try await harness.refusal(
                    .getJob, ["jobId": "a", "waitSeconds": .number("0.3")], through: .front, as: Self.bob)
            }
            try await harness.call(.createJob, ["jobId": "a"], through: .front, as: Self.ann)
            try await harness.call(.cancelJob, ["jobId": "a"], through: .front, as: Self.ann)
            #expect(try await waiting.value?.code == .jobNotFound)
        }
    }

    @Test func anUploadIsItsOwners() async throws {
        try await withDaemon { harness in
            let file = JobFile.sample("a")
            let params = try #require(file.json.object)
            try await harness.call(.adoptFile, params, through: .front, as: Self.ann)
            let name: JSONObject = ["fileId": .string(file.fileId.description)]
            for method in [Method.getFile, .deleteFile] {
                let refusal = try await harness.refusal(method, name, through: .front, as: Self.bob)
                #expect(refusal?.code == .fileNotFound)
            }
            let process: JSONObject = ["jobId": "b", "fileIds": [.string(file.fileId.description)]]
            let refusal = try await harness.refusal(.processJob, process, through: .front, as: Self.bob)
            #expect(refusal?.code == .fileNotFound)
            #expect(try await harness.call(.getFile, name, through: .front, as: Self.ann)["size"]?.integer == file.size)
            try await harness.call(.processJob, process, through: .front, as: Self.ann)
        }
    }

    // MARK: Doors

    /// Each method through each socket: the table of the page.
    @Test(arguments: Method.allCases)
    func aSocketIsARole(method: Method) async throws {
        let ofAdmin: Set<Method> = [.reloadServer, .backUpServer, .inspectServer, .makeToken]
        let observed: Set<Method> = [
            .getJob, .listJobs, .watchJobs, .unwatchJobs, .readLog, .getFile, .getArtifact, .listQueues, .getStats,
            .getMetrics, .serverStatus, .getSession, .discover, .explainJob, .getBatch, .listSchedules,
            .listDeliveries,
        ]
        let ofDelivery: Set<Method> = [.takeDeliveries, .reportDelivery]
        try await withDaemon { harness in
            for door in Door.allCases {
                let isAllowed =
                    switch door {
                    case .admin: true
                    case .operate:
                        !ofAdmin.contains(method) && !ofDelivery.contains(method)
                            && ![
                                .adoptFile, .adoptArtifact, .reportFront, .reportUpload, .reportRefusal,
                            ].contains(method)
                    case .observe: observed.contains(method)
                    case .front:
                        !ofAdmin.contains(method) && !ofDelivery.contains(method)
                            && ![
                                .beginFile, .appendFile, .commitFile, .beginArtifact, .appendArtifact, .commitArtifact,
                            ].contains(method)
                    case .deliver: ofDelivery.contains(method)
                    }
                let caller = door == .front ? Self.operators : nil
                let refusal = try await harness.refusal(method, Self.params(of: method), through: door, as: caller)
                #expect((refusal?.code == .forbidden) == !isAllowed, "\(door): \(String(describing: refusal))")
            }
        }
    }

    @Test(arguments: Method.allCases)
    func aFrontSaysForWhomItAsks(method: Method) async throws {
        try await withDaemon { harness in
            let refusal = try await harness.refusal(method, Self.params(of: method), through: .front)
            #expect(refusal?.code == .forbidden)
        }
    }

    /// Through a socket of its own, nobody may do more by saying that he is somebody else.
    @Test func aSocketGivesNoMoreThanItsRole() async throws {
        try await withDaemon { harness in
            let create: JSONObject = ["jobId": "a"]
            let refusal = try await harness.refusal(.createJob, create, through: .observe, as: Self.operators)
            #expect(refusal?.code == .forbidden)
            try await harness.call(.createJob, create, through: .operate, as: Self.ann)
            #expect(try await harness.call(.getJob, create, through: .observe)["owner"] == "ann")
        }
    }

    // MARK: Rights

    /// Every method for every kind of caller, and with tokens of every kind.
    @Test(arguments: Method.allCases)
    func aRightIsAskedForBeforeAnythingIsDone(method: Method) async throws {
        let policy = AccessPolicy(keys: try TokenKeys(Self.keys))
        try await withDaemon(policy: policy) { harness in
            guard Door.front.refusal(of: method) == nil else { return }
            let right = method.right
            let lists = [Method.listJobs, .watchJobs].contains(method)
            let rows: [(caller: Caller, rights: Set<Right>, lists: Bool)] = [
                (Self.nobody, [.create, .read, .write], false), (Self.ann, [.create, .read, .write], true),
                (Caller(role: .observer), [.read, .observe], true), (Self.operators, Set(Right.allCases), true),
            ]
            for row in rows {
                let refusal = try await harness.refusal(
                    method, Self.params(of: method), through: .front, as: row.caller)
                let may = right == .public || row.rights.contains(right) && (!lists || row.lists)
                // Nobody creates under an id that can be guessed, and nobody has batches.
                let isGuessed =
                    row.caller == Self.nobody && [.createJob, .processJob, .createBatch].contains(method)
                #expect((refusal?.code == .forbidden) == (!may || isGuessed), "\(row): \(String(describing: refusal))")
            }
            let now = harness.clock.now
            for scope in Right.allCases where scope != .public {
                let claims = TokenClaims(owner: "ann", scope: [scope], expiresAt: now + .seconds(60))
                let token = try #require(policy.keys.token(for: claims, at: now))
                let refusal = try await harness.refusal(
                    method, Self.params(of: method), through: .front, as: Caller(token: token))
                let rights = policy.access(with: claims).rights
                #expect(
                    (refusal?.code == .forbidden) == !(right == .public || rights.contains(right)),
                    "\(scope): \(String(describing: refusal))")
            }
            // One for another job is for nothing that concerns others, and does not see this one.
            let all = Set(Right.allCases).subtracting([.public])
            let claims = TokenClaims(owner: "bob", job: .named("b"), scope: all, expiresAt: now + .seconds(60))
            let token = try #require(policy.keys.token(for: claims, at: now))
            let refusal = try await harness.refusal(
                method, Self.params(of: method), through: .front, as: Caller(token: token))
            // It makes none but its own.
            let makesOther = [Method.createJob, .processJob, .createBatch].contains(method)
            let may = [.public, .create, .read, .write].contains(right) && !lists && !makesOther
            #expect((refusal?.code == .forbidden) == !may, "\(String(describing: refusal))")
            // A wrong token is never nobody, whatever nginx says.
            for (name, token) in try Self.wrongTokens(policy.keys, at: now) {
                for caller in [Caller(token: token), Caller(role: .operator, token: token)] {
                    let refusal = try await harness.refusal(
                        method, Self.params(of: method), through: .front, as: caller)
                    #expect(refusal?.code == .unauthorized, "\(name)")
                }
            }
        }
    }

    /// Tokens that would be an operator's, if they were good.
    private static func wrongTokens(_ keys: TokenKeys, at now: Timestamp) throws -> [(name: String, token: String)] {
        func token(_ keys: TokenKeys, until end: Duration = .seconds(60), from begin: Duration? = nil) throws -> String
        {
            let claims = TokenClaims(
                owner: "ann", scope: [.operate], expiresAt: now + end, notBefore: begin.map { now + $0 })
            return try #require(keys.token(for: claims, at: now))
        }
        let good = try token(keys)
        let parts = good.split(separator: ".").map(String.init)
        func header(_ text: String) -> String {
            Data(text.utf8).base64EncodedString().replacing("=", with: "")
        }
        let unsigned = header(#"{"alg":"none","kid":"k"}"#)
        let altered = (0..<3).map { changed in
            let replaced = parts.enumerated().map { index, part in
                guard index == changed, let first = part.first else { return part }
                return (first == "e" ? "f" : "e") + part.dropFirst()
            }
            return ("part \(changed) altered", replaced.joined(separator: "."))
        }
        return altered + [
            ("empty", ""), ("not one", "x"), ("three parts", "a.b.c"), ("ended", try token(keys, until: .seconds(-1))),
            ("ends now", try token(keys, until: .zero)), ("for later", try token(keys, from: .seconds(1))),
            ("for too long", try token(keys, until: .seconds(86_401))),
            ("of another key", try token(try TokenKeys(TokenKeys.makeLine(named: "other")))),
            ("with the name of a key", try token(try TokenKeys(TokenKeys.makeLine(named: "k")))),
            ("of no algorithm", "\(unsigned).\(parts[1]).\(parts[2])"), ("not signed", "\(unsigned).\(parts[1])."),
            ("of an algorithm that is not ours", "\(header(#"{"alg":"HS512","kid":"k"}"#)).\(parts[1]).\(parts[2])"),
        ]
    }

    @Test func aTokenForAJobIsGoodForItWhoeverOwnsIt() async throws {
        let policy = AccessPolicy(keys: try TokenKeys(Self.keys))
        try await withDaemon(policy: policy) { harness in
            try await harness.call(.createJob, ["jobId": "a"], through: .front, as: Self.ann)
            try await harness.call(.createJob, ["jobId": "b"], through: .front, as: Self.ann)
            let made = try await harness.call(.makeToken, ["job": "a", "scope": ["read", "write", "operate"]])
            let caller = Caller(token: made["token"]?.string)
            try await harness.call(.getJob, ["jobId": "a"], through: .front, as: caller)
            try await harness.call(.cancelJob, ["jobId": "a"], through: .front, as: caller)
            let other = try await harness.refusal(.getJob, ["jobId": "b"], through: .front, as: caller)
            #expect(other?.code == .jobNotFound)
            #expect(try await harness.refusal(.listJobs, through: .front, as: caller)?.code == .forbidden)
            #expect(try await harness.refusal(.listQueues, through: .front, as: caller)?.code == .forbidden)
            let session = try await harness.call(.getSession, through: .front, as: caller)
            #expect(session["owner"] == .null && session["role"] == .null)
            #expect(session["token"]?["job"] == "a" && session["token"]?["scope"] == ["read", "write", "operate"])
        }
    }

    @Test func theSessionSaysWhoIsSeen() async throws {
        try await withDaemon { harness in
            let rows: [(Caller, JSONValue)] = [
                (Self.nobody, ["owner": .null, "role": .null, "token": .null]),
                (Self.ann, ["owner": "ann", "role": .null, "token": .null]),
                (Caller(role: .observer, owner: "ann"), ["owner": "ann", "role": "observer", "token": .null]),
                (Self.operators, ["owner": .null, "role": "operator", "token": .null]),
            ]
            for (caller, expected) in rows {
                let session = try await harness.call(.getSession, through: .front, as: caller)
                #expect(session == expected)
            }
        }
    }

    private static func params(of method: Method) -> JSONObject {
        let samples: JSONObject = [
            "jobId": "a", "fileId": "file_a", "fileIds": [], "name": "default", "watch": 1, "data": "", "size": 0,
            "length": 0,
            "sha256": .string(String(repeating: "0", count: 64)), "streams": 0, "directory": "/backup",
            "queues": ["default"], "leases": [], "token": "a", "error": ["code": "no"],
            "upload": "u", "request": "GET /", "code": "forbidden", "batchId": "b", "jobs": [[:]], "cron": "@daily",
            "jobType": "import", "action": "retry", "id": "msg_a", "delivered": true,
        ]
        var params = JSONObject()
        if [.createJob, .processJob].contains(method) { params["jobId"] = "a" }
        for parameter in method.parameters where parameter.isRequired {
            params[parameter.name] = samples[parameter.name]
        }
        return params
    }
}
