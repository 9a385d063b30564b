import JobFrontTesting
import JobModel
import JobWire
import Testing

@testable import JobFront

@Suite(.timeLimit(.minutes(5)))
struct GateTests {
    @Test(
        arguments: [
            (["HTTP_CONTENT_ENCODING": "gzip"], 415), (["HTTP_CONTENT_ENCODING": "identity, br"], 415),
            (["HTTP_CONTENT_RANGE": "bytes 0-1/2"], 400), (["HTTP_CONTENT_ENCODING": "Identity"], 201),
        ] as [([String: String], Int)])
    func aBodyThatIsNotWhatItSeemsIsRefused(headers: [String: String], status: Int) async throws {
        try await withFront { (front) async throws in
            for path in ["/api/jobs", "/api/files"] {
                let response = try await front.send("POST", path, headers: headers, body: "{}")
                #expect(response.status == status, "\(path)")
            }
            #expect(status == 201 || front.daemon.calls.isEmpty)
        }
    }

    @Test func onlyTheHostsThatAreNamedAreAnswered() async throws {
        try await withFront(configure: { $0.access.hosts = ["localhost", "127.0.0.1", "[::1]"] }) {
            (front) async throws in
            for (host, status) in [
                ("localhost", 200), ("LocalHost:8080", 200), ("127.0.0.1:1", 200), ("[::1]:8080", 200), ("[::1]", 200),
                ("evil.example.com", 421), ("localhost.evil.example.com", 421), ("", 421), ("127.0.0.1:x", 421),
            ] {
                let response = try await front.send("GET", "/api/health/live", headers: ["HTTP_HOST": host])
                #expect(response.status == status, "\(host)")
            }
            let absolute = try await front.send(
                "GET", "http://evil.example.com/api/health/live", headers: ["HTTP_HOST": "localhost"])
            #expect(absolute.status == 421)
        }
    }

    @Test func anAnswerAboutAJobIsForItsReaderAlone() async throws {
        try await withFront { (front) async throws in
            front.daemon.set("a", version: 1)
            for path in ["/api/jobs/a", "/api/jobs/none", "/api/jobs"] {
                let headers = try await front.send("GET", path).headers
                #expect(headers["Cache-Control"] == "private, no-cache")
                #expect(headers["Vary"] == "Origin, Authorization")
                #expect(headers["Referrer-Policy"] == "no-referrer")
                #expect(headers["Cross-Origin-Resource-Policy"] == "same-origin")
            }
            #expect(try await front.send("GET", "/api/health/live").headers["Cache-Control"] == "no-store")
        }
    }

    @Test func aPageThatIsNamedMaySendAnyHeaderAndReadEveryAnswer() async throws {
        try await withFront(configure: { $0.access.allowedOrigins = ["https://app.example.com"] }) {
            (front) async throws in
            let page = ["HTTP_ORIGIN": "https://app.example.com", "HTTP_SEC_FETCH_SITE": "cross-site"]
            let asked = [
                "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PATCH",
                "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "authorization,x-requested-with,traceparent",
            ].merging(page) { first, _ in first }
            let before = try await front.send("OPTIONS", "/api/jobs/a", headers: asked)
            #expect(before.status == 204)
            #expect(
                before.headers["Access-Control-Allow-Headers"] == "authorization,x-requested-with,traceparent")
            #expect(before.headers["Access-Control-Allow-Methods"]?.contains("PATCH") == true)
            for (method, path) in [("GET", "/api/jobs/none"), ("GET", "/nothing"), ("POST", "/api/jobs")] {
                let answer = try await front.send(method, path, headers: page)
                #expect(answer.headers["Access-Control-Allow-Origin"] == "https://app.example.com")
                let exposed = answer.headers["Access-Control-Expose-Headers"] ?? ""
                #expect(exposed.contains("Content-Disposition") && exposed.contains("Upload-Offset"))
            }
            let stranger = try await front.send(
                "GET", "/api/jobs/none", headers: ["HTTP_ORIGIN": "https://evil.example.com"])
            #expect(stranger.headers["Access-Control-Allow-Origin"] == nil)
            #expect(stranger.headers["Vary"]?.contains("Origin") == true)
        }
    }

    @Test(arguments: [true, false])
    func cookiesOfAnotherSiteAreTakenWhereThatIsSaid(isAllowed: Bool) async throws {
        let origin = "https://app.example.com"
        try await withFront(configure: {
            $0.access.allowedOrigins = [origin]
            $0.access.allowCredentials = isAllowed
        }) { (front) async throws in
            for (page, expected) in [(origin, isAllowed ? "true" : nil), ("https://evil.example.com", nil)] {
                let answer = try await front.send("GET", "/api/jobs/none", headers: ["HTTP_ORIGIN": page])
                #expect(answer.headers["Access-Control-Allow-Credentials"] == expected)
            }
        }
    }

    @Test func theDescriptionIsSentOnce() async throws {
        try await withFront { (front) async throws in
            let first = try await front.send("GET", "/api/openapi.json")
            let tag = try #require(first.headers["ETag"])
            let again = try await front.send("GET", "/api/openapi.json", headers: ["HTTP_IF_NONE_MATCH": tag])
            #expect(again.status == 304)
        }
    }

    @Test func moreThanMayBeOpenIsToldToComeBack() async throws {
        try await withFront(configure: { $0.requests.maximumCount = 1 }) { (front) async throws in
            front.daemon.set("a", version: 1)
            try await front.connected()
            let stream = await front.open("/api/jobs/a/stream")
            _ = await stream.head()
            let refused = try await front.send("GET", "/api/jobs/a")
            #expect(refused.status == 429)
            #expect(refused.headers["Retry-After"] == "1")
            #expect(try await front.send("GET", "/api/jobs/a/stream").text.hasPrefix("retry: "))
        }
    }
}
