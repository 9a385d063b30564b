import JSON
import JobFrontTesting
import JobModel
import JobWire
import NIOCore
import Testing

@testable import JobFront

/// Who may do what, for every operation of the API's document.
@Suite(.timeLimit(.minutes(5)))
struct RightsTests {
    private static let words: [(parameters: [String: String], held: Set<Right>, lists: Bool)] = [
        (["JOBD_ROLE": ""], [.public, .create, .read, .write], false),
        (["JOBD_ROLE": "", "JOBD_OWNER": "ann"], [.public, .create, .read, .write], true),
        (["JOBD_ROLE": "observer"], [.public, .read, .observe], true),
        (["JOBD_ROLE": "operator"], Set(Right.allCases), true),
    ]
    private static let silent: StubDaemon.Script = { call in
        call.method == .getSession ? nil : .refusal(Refusal(.jobConflict, "Asked."))
    }

    @Test func everyOperationAsksForItsRightBeforeAnythingElse() async throws {
        try await withFront(script: Self.silent) { (front) async throws in
            for entry in APIDocument.entries {
                for (parameters, held, lists) in Self.words {
                    // A stream of all jobs would not end.
                    let method = entry.operation == .streamJobs ? "HEAD" : entry.method.rawValue
                    let response = try await front.send(method, Self.path(entry), headers: parameters, body: "{}")
                    let may = held.contains(entry.right) && (entry.namingItems == nil || lists)
                    #expect((response.status == 403) == !may, "\(entry.operation) \(parameters): \(response)")
                }
            }
        }
    }

    @Test func whereNobodyMayDoNothingHeIsAskedWhoHeIs() async throws {
        try await withFront(script: Self.silent, configure: { $0.access.anonymous = .none }) { (front) async throws in
            for entry in APIDocument.entries {
                let method = entry.operation == .streamJobs ? "HEAD" : entry.method.rawValue
                let response = try await front.send(method, Self.path(entry), headers: ["JOBD_ROLE": ""], body: "{}")
                #expect((response.status == 401) == (entry.right != .public), "\(entry.operation): \(response)")
                if response.status == 401 { #expect(response.headers["WWW-Authenticate"] == "Bearer") }
                let known = try await front.send(
                    method, Self.path(entry), headers: ["JOBD_ROLE": "", "JOBD_OWNER": "ann"], body: "{}")
                #expect(known.status != 401, "\(entry.operation)")
            }
        }
    }

    @Test func whereAllIsOpenNobodyIsAnOperator() async throws {
        try await withFront(configure: { $0.access.anonymous = .open }) { (front) async throws in
            #expect(try await front.send("GET", "/api/queues", headers: ["JOBD_ROLE": ""]).status == 200)
            let owner = ["JOBD_ROLE": "", "JOBD_OWNER": "ann"]
            #expect(try await front.send("GET", "/api/queues", headers: owner).status == 403)
        }
    }

    @Test func namedJobsAreShownToEverybodyAndAllJobsAreNot() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            let stranger = ["JOBD_ROLE": ""]
            #expect(try await front.send("HEAD", "/api/jobs/stream?ids=a", headers: stranger).status == 200)
            for query in ["", "?queue=default", "?IDS=a", "?queue=", "?x&y=ids=a"] {
                #expect(try await front.send("HEAD", "/api/jobs/stream" + query, headers: stranger).status == 403)
            }
            #expect(try await front.send("HEAD", "/api/jobs/stream", headers: ["JOBD_ROLE": "observer"]).status == 200)
        }
    }

    @Test func aHeaderIsNotBelieved() async throws {
        try await withFront { (front) async throws in
            let forged = [
                "JOBD_ROLE": "", "HTTP_JOBD_ROLE": "operator", "HTTP_X_JOBD_ROLE": "operator",
                "HTTP_JOBD_OWNER": "ann", "HTTP_AUTHORIZATION": "Basic YW5uOg==", "REMOTE_USER": "ann",
            ]
            #expect(try await front.send("GET", "/api/jobs", headers: forged).status == 403)
            _ = try await front.send("GET", "/api/jobs/a", headers: forged)
            #expect(front.daemon.calls.last?.caller == ["role": ""])
        }
    }

    // MARK: Tokens

    private static let reading = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3OTU0MzUzMDAsInNjb3BlIjpbInJlYWQiXX0.x"
    private static let writing = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3OTU0MzUzMDAsInNjb3BlIjpbInJlYWQiLCJ3cml0ZSJdfQ.x"

    @Test func aTokenIsGivenToTheDaemonAsItIs() async throws {
        try await withFront { (front) async throws in
            front.daemon.set("a", version: 1)
            for header in ["Bearer \(Self.writing)", "bearer   \(Self.writing)"] {
                let headers = ["JOBD_ROLE": "", "HTTP_AUTHORIZATION": header]
                #expect(try await front.send("GET", "/api/jobs/a", headers: headers).status == 200)
                #expect(front.daemon.calls.last?.caller["token"]?.string == Self.writing)
            }
            let empty = ["JOBD_ROLE": "", "HTTP_AUTHORIZATION": "Bearer"]
            _ = try await front.send("GET", "/api/jobs/a", headers: empty)
            #expect(front.daemon.calls.last?.caller["token"] == "")
        }
    }

    /// In the header nothing else counts; in the address it is for reading one thing.
    @Test func anAddressTakesATokenForReadingOnly() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 1)
            let nobody = ["JOBD_ROLE": ""]
            for path in ["/api/jobs/a", "/api/jobs/stream?ids=a", "/api/jobs/a/stream"] {
                let mark = path.contains("?") ? "&" : "?"
                let allowed = "\(path)\(mark)token=\(Self.reading)"
                #expect(try await front.send("HEAD", allowed, headers: nobody).status == 200, "\(path)")
                for token in [Self.writing, "", "x", "a.b.c"] {
                    let response = try await front.send("HEAD", "\(path)\(mark)token=\(token)", headers: nobody)
                    #expect(response.status == 401, "\(path) \(token)")
                }
            }
            for (method, path) in [
                ("GET", "/api/jobs"), ("GET", "/api/jobs/stream"), ("PATCH", "/api/jobs/a"), ("POST", "/api/jobs"),
                ("GET", "/api/jobs/a/logs"), ("DELETE", "/api/jobs/a"), ("POST", "/api/files"), ("GET", "/api/queues"),
            ] {
                let response = try await front.send(
                    method, "\(path)?token=\(Self.reading)", headers: nobody, body: "{}")
                #expect(response.status == 401, "\(method) \(path)")
            }
        }
    }

    /// What the daemon would refuse is not stored before.
    @Test func aTokenForSomethingElseBringsNoBytes() async throws {
        let script: StubDaemon.Script = { call in
            switch call.method {
            case .getSession:
                .result([
                    "owner": "ann", "role": .null,
                    "token": ["job": .null, "scope": ["read"], "expiresAt": "2026-11-23T12:00:00.000Z"],
                ])
            case .reportUpload where call.params["ended"] == nil:
                .refusal(Refusal(.forbidden, "This token is not for that."))
            default: nil
            }
        }
        try await withFront(script: script) { (front) async throws in
            try await front.connected()
            let headers = ["JOBD_ROLE": "", "HTTP_AUTHORIZATION": "Bearer \(Self.reading)"]
            #expect(try await front.send("POST", "/api/files", headers: headers, body: "x").status == 403)
            #expect(!front.daemon.calls.contains { $0.method == .adoptFile })
            #expect(try await front.send("HEAD", "/api/jobs/stream", headers: headers).status == 200)
        }
    }

    /// Readers of one job share what is told of it, if they may see the same.
    @Test func aWatchIsSharedByThoseWhoMaySeeTheSame() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            front.daemon.set("a", version: 1)
            var streams: [StreamReader] = []
            for (owner, address) in [("ann", "::1"), ("ann", "::2"), ("bob", "::1")] {
                let headers = ["JOBD_ROLE": "", "JOBD_OWNER": owner, "REMOTE_ADDR": address]
                let stream = await front.open("/api/jobs/a/stream", headers: headers)
                _ = await stream.head()
                streams.append(stream)
            }
            let watches = front.daemon.calls.filter { $0.method == .watchJobs }
            #expect(watches.map { $0.caller["owner"]?.string }.sorted { $0 ?? "" < $1 ?? "" } == ["ann", "bob"])
        }
    }

    /// The daemon keeps the log; a front tells it of what it never hears of.
    @Test func theDaemonIsToldWhomTheFrontHasRefused() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            let nobody = ["JOBD_ROLE": "", "JOBD_OWNER": "ann", "REMOTE_ADDR": "192.0.2.1"]
            #expect(try await front.send("GET", "/api/queues", headers: nobody).status == 403)
            let writing = ["JOBD_ROLE": ""]
            let path = "/api/jobs/a?token=\(Self.writing)"
            #expect(try await front.send("GET", path, headers: writing).status == 401)
            _ = try await front.send("GET", "/api/jobs/none", headers: nobody)
            let reports = front.daemon.refusalReports
            #expect(reports.count == 2)
            #expect(reports.first?.params == ["request": "GET /api/queues", "code": "forbidden"])
            #expect(reports.first?.caller == ["role": "", "owner": "ann", "address": "192.0.2.1"])
            #expect(reports.dropFirst().first?.params["jobId"] == "a")
            #expect(reports.dropFirst().first?.params["code"] == "unauthorized")
            #expect(reports.dropFirst().first?.caller["token"] == nil)
        }
    }

    @Test func whoIsSaidTwiceOrWronglyIsNobody() {
        let role = "JOBD_ROLE=operator"
        for parameters in [[role, role], [role, "JOBD_ROLE="], ["JOBD_ROLE=root"], ["JOBD_OWNER=é"]] {
            let request = HTTPRequest(parameters: parameters)
            let refusal = #expect(throws: Refusal.self) { try Context(of: request, patience: .seconds(1)) }
            #expect(refusal?.code == .invalidRequest)
        }
    }

    @Test func theDaemonIsToldWhoAsks() throws {
        let request = HTTPRequest(parameters: ["JOBD_ROLE=observer", "JOBD_OWNER=a@b", "REMOTE_ADDR=::1"])
        let caller = try Context(of: request, patience: .seconds(1)).caller
        #expect(caller == Caller(role: .observer, owner: "a@b", address: "::1"))
    }

    private static func path(_ entry: APIDocument.Entry) -> String {
        entry.pattern.text.split(separator: "/").map { "/" + ($0.hasPrefix("{") ? "a" : $0) }.joined()
    }
}
